# What a workspace can have besides, all of it off (docs/deploy.md, "Options"). The variable overrides
# what locals.tf says of the workspace.
locals {
  private_network = coalesce(var.private_network, local.workspace.private_network)
  given_network   = var.given_network == null ? local.workspace.given_network : var.given_network
  # A repository variable that is not set reaches Terraform as empty text.
  given_data_key_arn = try(coalesce(var.data_key_arn, local.workspace.data_key_arn), null)
  raw_replica_region = try(coalesce(var.raw_replica_region, local.workspace.raw_replica_region), null)
  has_raw_replica    = local.raw_replica_region != null && coalesce(var.keeps_raw_replica, local.workspace.keeps_raw_replica)
  canary             = coalesce(var.canary, local.workspace.canary)
  data_events        = coalesce(var.data_events, local.workspace.data_events)
  serving            = coalesce(var.serving, local.workspace.serving)
  serving_issuer     = try(coalesce(var.serving_issuer, local.workspace.serving_issuer), null)
  serving_domain     = try(coalesce(var.serving_domain, local.workspace.serving_domain), null)
  web_acl            = local.serving && coalesce(var.web_acl, local.workspace.web_acl)
  close_day          = try(coalesce(var.close_day, local.workspace.close_day), null)
}
