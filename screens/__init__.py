"""What people see: the touch screen of a station, made with Textual."""
