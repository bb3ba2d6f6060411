"""What would a plain Django application do? A view, the ORM and one transaction an event: what Goodword is measured against."""
