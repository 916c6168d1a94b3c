output "domain" {
  description = "Name of the API's host."
  value       = replace(aws_apigatewayv2_api.this.api_endpoint, "https://", "")
}

output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "routes" {
  description = "Paths and the functions that answer them."
  value       = var.routes
}
