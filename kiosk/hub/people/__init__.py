"""The hub's tables for people, built from an area's events by a job that can be ended at any moment.

`job` works through the events in small steps. One module a feature (`riders`, `balances`, `sessions`, `boxes`,
`copies`, `exceptions`) says which rows follow from them, by the stations' own rules; `views` reads the tables.
"""
