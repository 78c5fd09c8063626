"""`gunicorn wsgi:application`; `flask --app wsgi <command>`."""

from app import create_app

application = create_app()
