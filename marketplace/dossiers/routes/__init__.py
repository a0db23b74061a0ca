"""Pages of procedures and dossiers: public.py for everybody, admin.py for handlers."""
