"""Small cells hidden in any table of counts, so that no hidden count can be worked out."""
