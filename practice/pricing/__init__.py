"""AWS Price List: the shipped figures as the products and terms that its query API answers."""
