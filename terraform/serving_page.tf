# The built page and the API under one address, so that there is one origin and no token in a script.

module "site_bucket" {
  source   = "./modules/s3_bucket"
  for_each = local.served

  name             = local.bucket_names.site
  kms_key_arn      = null
  access_logs      = { bucket = module.logs_bucket.name }
  force_destroy    = true # `make package` builds everything in it again
  noncurrent_days  = local.workspace.noncurrent_days
  policy_documents = [data.aws_iam_policy_document.site[each.key].json]
}

data "aws_iam_policy_document" "site" {
  for_each = local.served

  statement {
    sid       = "CloudFrontReadsThePage"
    actions   = ["s3:GetObject"]
    resources = ["${local.arn.buckets.site}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [module.static_site["this"].distribution_arn]
    }
  }
}

module "static_site" {
  source   = "./modules/static_site"
  for_each = local.served

  name        = "${local.prefix}_pages${local.suffix}"
  bucket_name = local.bucket_names.site
  bucket      = module.site_bucket["this"].name
  files       = { for name in fileset(local.page_folder, "**") : name => "${local.page_folder}/${name}" }
  api = {
    domain = module.http_api["this"].domain
    paths  = [for route in keys(local.routes) : replace(route, "{proxy+}", "*")]
    # Not the document of the API: its answers name the host.
    shared_paths = ["/beacon.json"]
  }
  content_security_policy = replace(local.api.content_security_policy, " <issuer>", "")
  further_headers         = local.api.further_headers
  web_acl_arn             = one(values(module.web_acl)[*].arn)
  domain                  = local.serving_domain
}

module "web_acl" {
  source   = "./modules/web_acl"
  for_each = local.web_acl ? local.served : {}

  providers = { aws = aws.global }

  name                     = "${local.prefix}_readers${local.suffix}"
  description              = "Before the pages and the API of ${each.value}"
  requests_in_five_minutes = 1000
}
