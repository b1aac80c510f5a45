"""Times as the desk types them, in the editor's own zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.forms import Script
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from articles.clock import day_of, zone_name


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in the zone show `wall`: the first of two, where they are set back.

    Raises ValidationError for a time that clocks skip.
    """
    moment = wall.replace(tzinfo=zone, fold=0)
    try:
        back = moment.astimezone(UTC).astimezone(zone)  # only what exists comes back as it was
    except OverflowError as error:
        raise ValidationError(_("No calendar of ours goes there: give another year.")) from error
    if back.replace(tzinfo=None, fold=0) != wall:
        raise ValidationError(
            _("%(time)s does not exist in %(zone)s: clocks are put forward then. Write %(next)s."),
            code="skipped",
            params={"time": f"{day_of(wall)} {wall:%H:%M}", "zone": zone_name(), "next": f"{back:%H:%M}"},
        )
    return moment


class ZonedDateTime(AdminSplitDateTime):
    """A date and a time, and below them the same moment in UTC; static/js/story_times.js keeps it so."""

    class Media:
        js = [Script("js/story_times.js", defer=True)]
        css = {"all": ["css/story_form.css"]}

    def render(self, name, value, attrs=None, renderer=None):
        inputs = super().render(name, value, attrs, renderer)
        zone = timezone.get_current_timezone_name()
        said = f"= {day_of(utc)} {utc:%H:%M} UTC" if (utc := self._utc(value)) else ""
        return format_html(
            '<div class="in-zone">{}<p class="in-utc" data-zone="{}" aria-live="polite">{}</p></div>',
            inputs, zone, said,
        )  # fmt: skip

    def _utc(self, value) -> datetime | None:
        return value.astimezone(UTC) if isinstance(value, datetime) and timezone.is_aware(value) else None


class DeskTimeField(forms.SplitDateTimeField):
    widget = ZonedDateTime

    def compress(self, data_list):
        if not data_list:
            return None
        for part, error in zip(data_list, ("invalid_date", "invalid_time"), strict=True):
            if part in self.empty_values:
                raise ValidationError(self.error_messages[error], code=error)
        return moment_of(datetime.combine(*data_list), timezone.get_current_timezone())
