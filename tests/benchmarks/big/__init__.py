"""A station after ten years: its database is filled, and what people do there is measured beside a small one."""
