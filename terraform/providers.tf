# Region and credentials come from AWS_REGION and AWS_PROFILE (or the role of the CI job).
provider "aws" {
  allowed_account_ids = local.workspace.account_id == null ? null : [local.workspace.account_id]

  default_tags {
    tags = {
      application = "metriccare"
      workspace   = terraform.workspace
      owner       = var.owner
      cost_center = var.cost_center
      commit      = var.commit
      managed_by  = "terraform"
    }
  }
}
