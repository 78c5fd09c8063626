"""Numbered, reversible migrations for both databases; run by `flask --app wsgi db upgrade`."""
