"""What the desk's groups may do with the wire."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

READ = [f"view_{model}" for model in ("wirestory", "wirecopy", "dispatch", "feed", "rule", "likeness")]
# Feeds are the operators': their addresses reach into the machine and its network.
RIGHTS = {
    "Reporter": READ,
    "Editor": [*READ, "change_likeness"],
    "Chief editor": [*READ, "change_likeness", "change_dispatch"],
}


def grant(apps, schema_editor):
    # Permissions are otherwise made after all migrations have run.
    config = installed.get_app_config("wires")
    models_module, config.models_module = config.models_module, True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = models_module
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="wires")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=RIGHTS):
        group.permissions.add(*permissions.filter(codename__in=RIGHTS[group.name]))


class Migration(migrations.Migration):
    dependencies = [("wires", "0001_initial"), ("sections", "0002_groups")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
