# State stays on the machine that ran this (terraform.tfstate in this folder): it creates the bucket
# that every other state lives in. Keep the file; docs/deploy.md says where.
provider "aws" {
  default_tags {
    tags = {
      application = "metriccare"
      component   = "bootstrap"
      managed_by  = "terraform"
    }
  }
}
