"""The desk's three groups. An operator may change them afterwards; they are not made again."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

EVERYTHING = ("add", "change", "delete", "view")

# group -> {app.model: what it may do}; each group also has what the one before it has.
GROUPS = {
    "Reporter": {
        "articles.story": ("add", "change", "view"),
        "articles.relatedlink": EVERYTHING,
        "articles.picture": ("add", "change", "view"),
        "articles.tag": ("add", "view"),
        "articles.author": ("view",),
        "articles.place": ("add", "view"),
        "articles.source": ("view",),
        "articles.storyversion": ("view",),
        "articles.correction": ("view",),
        "articles.withdrawal": ("view",),
        "articles.act": ("view",),
        "sections.site": ("view",),
        "sections.channel": ("view",),
        "sections.channellink": ("view",),
        "sections.listing": EVERYTHING,
        "sections.block": ("view",),
        "sections.slot": ("view",),
    },
    "Editor": {
        "articles.story": ("publish", "correct"),
        "articles.picture": EVERYTHING,
        "articles.tag": EVERYTHING,
        "articles.author": EVERYTHING,
        "articles.place": EVERYTHING,
        "sections.channellink": EVERYTHING,
        "sections.block": EVERYTHING,
        "sections.slot": EVERYTHING,
    },
    "Chief editor": {
        "articles.story": ("withdraw", "restore"),
        "articles.source": ("add", "change", "view"),
        "sections.site": ("add", "change", "view"),
        "sections.channel": EVERYTHING,
        "flatpages.flatpage": EVERYTHING,
    },
}


def make_groups(apps, schema_editor):
    # Permissions are otherwise made after all migrations have run.
    for label in ("articles", "sections", "flatpages"):
        config = installed.get_app_config(label)
        models_module, config.models_module = config.models_module, True
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = models_module
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    granted = []
    for name, rights in GROUPS.items():
        for model, acts in rights.items():
            label, model_name = model.split(".")
            codenames = [f"{act}_{model_name}" for act in acts]
            granted += Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
        group, made = Group.objects.get_or_create(name=name)
        if made:
            group.permissions.set(granted)


class Migration(migrations.Migration):
    dependencies = [
        ("sections", "0001_initial"),
        ("articles", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("flatpages", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
