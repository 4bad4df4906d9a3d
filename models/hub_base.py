"""What every table of a hub is made of."""

import peewee as pw


class HubBase(pw.Model):
    """Every table of a hub. Bound to a database by `kiosk.hub.store.HubStore`."""

    class Meta:
        """Unbound until a hub's store is in use."""

        database = pw.DatabaseProxy()
        legacy_table_names = False
