"""The table of a data set: every source comes as a pyarrow table, and a table goes back."""


def build(tables, params):
    customers = tables["customers"].to_pandas()
    services = (customers[params["services"]] == "Yes").sum(axis="columns")
    return customers[["customer_id", "contract", "tenure"]].assign(
        services=services,
        charge_per_service=(customers["monthly_charges"] / (services + 1)).round(2),
    )
