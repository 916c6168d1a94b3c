# Region and credentials come from AWS_REGION and AWS_PROFILE (or the role of the CI job).
provider "aws" {
  allowed_account_ids = local.workspace.account_id == null ? null : [local.workspace.account_id]

  # No commit among them (release.tf): a tag that differs with every deploy would be a change of every
  # resource, and nobody could read the plan.
  default_tags {
    tags = local.default_tags
  }
}

# Where copies of uploads go (replica.tf). Without a region for them it is the same as above, unused. As long
# as the state knows copies their region must be named: elsewhere their key is not found, and is forgotten
# instead of deleted.
provider "aws" {
  alias               = "replica"
  region              = local.raw_replica_region
  allowed_account_ids = local.workspace.account_id == null ? null : [local.workspace.account_id]

  default_tags {
    tags = local.default_tags
  }
}

# CloudFront's web ACLs are in us-east-1, wherever the stack is.
provider "aws" {
  alias               = "global"
  region              = "us-east-1"
  allowed_account_ids = local.workspace.account_id == null ? null : [local.workspace.account_id]

  default_tags {
    tags = local.default_tags
  }
}

locals {
  default_tags = {
    application = "metriccare"
    workspace   = terraform.workspace
    owner       = var.owner
    cost_center = var.cost_center
    managed_by  = "terraform"
  }
}
