"""How the desk writes times where no page says otherwise: the day first, and the clock as it is read out."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y H:i"
