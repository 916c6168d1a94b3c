# Bucket and region come from `terraform init -backend-config=...` (docs/deploy.md), so one code serves
# every account. The lock is a file beside the state; DynamoDB locking is deprecated.
# No `encrypt`: it asks for S3's own key (AES256) by name, which overrides the key of the bucket.
terraform {
  backend "s3" {
    key                  = "terraform.tfstate"
    workspace_key_prefix = "metriccare"
    use_lockfile         = true
  }
}
