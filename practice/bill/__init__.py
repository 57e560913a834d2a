"""The account's bill: hourly line items reckoned from events, their CUR 2.0 export, and Cost Explorer over them."""
