"""Who somebody is: keys, cards, phone numbers and PINs."""
