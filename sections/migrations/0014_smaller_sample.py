import sections.models
from django.db import migrations, models


class Migration(migrations.Migration):
    """The same again of fewer rows: `InSample.EVERY` is greater than it was."""

    dependencies = [
        ('sections', '0013_ended'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='listing', name='listing_sample'),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(condition=models.Q(sections.models.InSample('pk')), fields=['site', 'first_published'], name='listing_sample'),
        ),
    ]
