output "host" {
  description = "Name that readers use."
  value       = var.domain == null ? aws_cloudfront_distribution.this.domain_name : var.domain.name
}

output "distribution_arn" {
  description = "ARN of the distribution, for the policy of the page's bucket."
  value       = aws_cloudfront_distribution.this.arn
}

output "distribution_id" {
  description = "Id of the distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "behaviors" {
  description = "Patterns of paths and the origin that answers each, in order; `*` comes last."
  value       = concat([for pattern in var.api.paths : { pattern = pattern, origin = "api" }], [{ pattern = "*", origin = "page" }])
}
