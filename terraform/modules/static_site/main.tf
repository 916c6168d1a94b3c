data "aws_region" "current" {}

locals {
  # AWS's own policies, by their ids: AWS promises that they stay.
  cached          = "658327ea-f89d-4fab-a63d-7e88639e58f6" # Managed-CachingOptimized
  never_cached    = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # Managed-CachingDisabled
  all_but_host    = "b689b0a8-53d0-40ab-baf2-38738e2966ac" # Managed-AllViewerExceptHostHeader
  for_a_year      = "public, max-age=31536000, immutable"
  ask_every_time  = "no-cache"
  types           = { css = "text/css", html = "text/html; charset=utf-8", ico = "image/x-icon", js = "text/javascript", json = "application/json", png = "image/png", svg = "image/svg+xml", txt = "text/plain", webmanifest = "application/manifest+json", woff2 = "font/woff2" }
  own_certificate = var.domain != null
}

# Names in `assets/` hold a hash of their content; the others may change with every release.
resource "aws_s3_object" "this" {
  #checkov:skip=CKV_AWS_186:the built page is public: everybody reads it through CloudFront
  for_each = var.files

  bucket        = var.bucket
  key           = each.key
  source        = each.value
  source_hash   = filesha256(each.value)
  content_type  = lookup(local.types, reverse(split(".", each.key))[0], "application/octet-stream")
  cache_control = startswith(each.key, "assets/") ? local.for_a_year : local.ask_every_time
}

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = var.name
  description                       = "CloudFront alone reads the built page"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# Every address of a page is answered by its one HTML, as `metriccare serve` does (api/site.py).
resource "aws_cloudfront_function" "pages" {
  name    = var.name
  comment = "Addresses of pages to index.html"
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = <<-JAVASCRIPT
    function handler(event) {
      var request = event.request;
      var last = request.uri.split('/').pop();
      if (!request.uri.startsWith('/assets/') && last.indexOf('.') === -1) {
        request.uri = '/index.html';
      }
      return request;
    }
  JAVASCRIPT
}

# Every open page asks for the beacon four times a minute: one answer serves all of them.
resource "aws_cloudfront_cache_policy" "shared" {
  name        = var.name
  comment     = "Ten seconds, whoever asks"
  min_ttl     = 10
  default_ttl = 10
  max_ttl     = 10

  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# What the functions send with their own answers (api/frame.py), for the files of the page.
resource "aws_cloudfront_response_headers_policy" "this" {
  #checkov:skip=CKV_AWS_259:two years, as the functions send; names below a name of yours may be others'
  name    = var.name
  comment = "Headers of the page's files"

  security_headers_config {
    content_security_policy {
      content_security_policy = var.content_security_policy
      override                = true
    }

    content_type_options {
      override = true
    }

    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = 63072000
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = var.further_headers

      content {
        header   = items.key
        value    = items.value
        override = true
      }
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_86:CloudFront's logs need a bucket with access lists; gateway log and audit hold every request for data
  #checkov:skip=CKV_AWS_310:one origin for the page, one for data: none can stand in for the other
  #checkov:skip=CKV_AWS_374:a hospital's staff may travel; who signs in decides
  #checkov:skip=CKV_AWS_174:CloudFront's own certificate takes no other setting; with a domain of yours TLS 1.2 is the least
  #checkov:skip=CKV2_AWS_42:a certificate comes with a domain of yours (serving_domain)
  #checkov:skip=CKV_AWS_68:a web ACL is an option of the workspace (web_acl)
  #checkov:skip=CKV2_AWS_47:the web ACL has the rule for Log4j where there is one
  enabled             = true
  comment             = var.name
  default_root_object = "index.html"
  price_class         = "PriceClass_100"
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  web_acl_id          = var.web_acl_arn
  aliases             = var.domain == null ? [] : [var.domain.name]

  origin {
    origin_id                = "page"
    domain_name              = "${var.bucket_name}.s3.${data.aws_region.current.name}.amazonaws.com"
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  origin {
    origin_id   = "api"
    domain_name = var.api.domain

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id           = "page"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.cached
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.pages.arn
    }
  }

  # Data is never kept on the way; the functions set its headers. Nothing of the reader goes along where
  # an answer is shared.
  dynamic "ordered_cache_behavior" {
    for_each = var.api.paths

    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = "api"
      viewer_protocol_policy   = "https-only"
      allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods           = ["GET", "HEAD"]
      cache_policy_id          = contains(var.api.shared_paths, ordered_cache_behavior.value) ? aws_cloudfront_cache_policy.shared.id : local.never_cached
      origin_request_policy_id = contains(var.api.shared_paths, ordered_cache_behavior.value) ? null : local.all_but_host
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = !local.own_certificate
    acm_certificate_arn            = try(var.domain.certificate_arn, null)
    minimum_protocol_version       = local.own_certificate ? "TLSv1.2_2021" : null
    ssl_support_method             = local.own_certificate ? "sni-only" : null
  }
}
