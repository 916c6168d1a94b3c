output "issuer" {
  description = "Address of the issuer, whose discovery document names all others."
  value       = "https://cognito-idp.${data.aws_region.current.name}.amazonaws.com/${aws_cognito_user_pool.this.id}"
}

output "client_id" {
  description = "Id of the client."
  value       = aws_cognito_user_pool_client.this.id
}

output "pool_id" {
  description = "Id of the pool, for the commands that add people."
  value       = aws_cognito_user_pool.this.id
}

output "sign_in_host" {
  description = "Host of the sign-in pages."
  value       = "${aws_cognito_user_pool_domain.this.domain}.auth.${data.aws_region.current.name}.amazoncognito.com"
}
