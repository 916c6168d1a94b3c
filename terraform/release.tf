# Which commit is deployed. The one thing that changes when nothing but the commit does.
resource "aws_s3_object" "release" {
  bucket       = module.artifacts_bucket.name
  key          = "release.json"
  content      = jsonencode({ commit = var.commit })
  content_type = "application/json"
  source_hash  = sha256(var.commit) # under KMS an etag is no MD5
  kms_key_id   = local.data_key_arn
}
