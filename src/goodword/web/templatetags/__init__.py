"""What may templates call? Tags that write the small components."""
