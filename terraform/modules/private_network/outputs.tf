output "vpc_id" {
  description = "Id of the network."
  value       = aws_vpc.this.id
}

output "subnets" {
  description = "Id and zone of each subnet, known once the services can be reached from it."
  value       = [for place in sort(keys(local.zones)) : { id = aws_subnet.this[place].id, zone = local.zones[place] }]

  depends_on = [
    aws_route_table_association.this,
    aws_vpc_endpoint.gateway,
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_egress_rule.gateways,
    aws_vpc_security_group_egress_rule.members,
    aws_vpc_security_group_ingress_rule.members,
  ]
}

output "security_group_id" {
  description = "Security group of everything in the network."
  value       = aws_security_group.this.id
}

output "endpoints" {
  description = "Services that can be reached, by the kind of their endpoint."
  value = {
    gateway   = sort(keys(aws_vpc_endpoint.gateway))
    interface = sort(keys(aws_vpc_endpoint.interface))
  }
}
