# Bucket and region come from `terraform init -backend-config=...` (docs/deploy.md), so one code serves
# every account. The lock is a file beside the state; DynamoDB locking is deprecated.
terraform {
  backend "s3" {
    key                  = "terraform.tfstate"
    workspace_key_prefix = "metriccare"
    encrypt              = true
    use_lockfile         = true
  }
}
