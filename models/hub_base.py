"""What every table of a hub is made of."""

import peewee as pw

from models.current import CurrentDatabase


class HubBase(pw.Model):
    """Every table of a hub. Bound to a database by `kiosk.hub.store.HubStore`."""

    class Meta:
        """Bound to what `kiosk.hub.store.HubStore` has in use in the calling thread."""

        database = CurrentDatabase()
        legacy_table_names = False
