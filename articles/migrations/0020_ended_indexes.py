from django.db import migrations, models

from articles.list_order import drop_index, index

BEFORE = [
    ("story_by_source", "articles_story", "source_id, state, first_published, id"),
    ("story_rights_end", "articles_story", "state, rights_until"),
    ("story_contract_end", "articles_story", "state, contract_until"),
]
AFTER = [
    (name, table, columns, "ended_at IS NULL")
    for name, (_name, table, columns) in zip(
        ("source_newest", "rights_to_end", "contract_to_end"), BEFORE, strict=True
    )
]


def instead(old, new):
    """The new ones first, so that there is always one."""

    def run(apps, schema_editor):
        for each in new:
            index(schema_editor, *each)
        for name, *_rest in old:
            drop_index(schema_editor, name)
        if schema_editor.connection.vendor == "postgresql":
            # Of a new column PostgreSQL expects that it is never null, and reads lists the wrong way round.
            schema_editor.execute("ANALYZE articles_story")

    return run


def of_story(name, fields):
    here = models.Index(condition=models.Q(('ended_at__isnull', True)), fields=fields, name=name)
    return migrations.AddIndex(model_name='story', index=here)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('articles', '0019_ended'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(instead(BEFORE, AFTER), instead(AFTER, BEFORE))],
            [
                *(migrations.RemoveIndex(model_name='story', name=name) for name, *_rest in BEFORE),
                of_story("source_newest", ["source", "state", "first_published", "id"]),
                of_story("rights_to_end", ["state", "rights_until"]),
                of_story("contract_to_end", ["state", "contract_until"]),
            ],
        ),
    ]
