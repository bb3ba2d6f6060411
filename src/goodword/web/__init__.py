"""What do people see? Server-rendered pages for staff and, later, for clients and participants."""
