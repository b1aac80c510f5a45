from django.db import models


class Picture(models.Model):
    file = models.ImageField(upload_to="pictures/%Y/%m/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    alt_text = models.CharField(max_length=300, help_text="What the picture shows, for who cannot see it.")
    caption = models.TextField(blank=True)
    credit = models.CharField(max_length=200, blank=True)
    rights_until = models.DateTimeField(null=True, blank=True, help_text="Not shown from then on.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return self.alt_text
