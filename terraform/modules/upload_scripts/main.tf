# source_hash, because with KMS an etag is no MD5: with etag every plan would upload again.
resource "aws_s3_object" "this" {
  for_each = var.files

  bucket      = var.bucket
  key         = each.key
  source      = each.value
  source_hash = fileexists(each.value) ? filesha256(each.value) : null
  kms_key_id  = var.kms_key_arn
}
