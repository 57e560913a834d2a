"""What the practice account borrows from moto: everything but the services it owns."""
