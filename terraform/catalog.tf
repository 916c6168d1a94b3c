# Tables and views come from the declarations in src/metriccare/tables and sql/athena
# (scripts/build_catalog.py), so infrastructure and jobs always agree.
locals {
  declared_tables = jsondecode(file("${path.root}/../generated/tables.json"))
  views           = jsondecode(file("${path.root}/../generated/views.json"))
  health_checks   = jsondecode(file("${path.root}/../generated/checks.json"))
  layer_meaning = {
    bronze  = "What was received, exactly, and what was rejected"
    silver  = "The newest version of every resource, typed"
    gold    = "Stays, evidence and unsuppressed results; no BI role may read it"
    publish = "What may be seen: suppressed results and the views over them"
  }
}

module "database" {
  source   = "./modules/glue_catalog_database"
  for_each = local.databases

  name        = each.value
  description = local.layer_meaning[each.key]
  location    = "${local.lake_root}/${each.key}"
  tables      = { for table in local.declared_tables : table.name => table if table.layer == each.key }
  views       = each.key == "publish" ? local.views : {}
}
