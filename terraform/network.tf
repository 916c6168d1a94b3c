# With `private_network` jobs and functions run in a network without a way to the internet: one that is
# made here, or a given one. docs/adr/0040 says which calls the bucket policies bind to it.

locals {
  # What jobs and functions call besides S3 and DynamoDB, which have gateways. Glue reads its
  # connection, and writes logs under a key, from inside the network.
  interface_services = toset(concat(["glue", "kms", "logs", "sns", "sts"], local.small_runs ? ["lambda"] : []))
  makes_network      = local.private_network && local.given_network == null

  network = {
    vpc_id            = local.makes_network ? one(values(module.private_network)[*].vpc_id) : try(local.given_network.vpc_id, null)
    security_group_id = local.makes_network ? one(values(module.private_network)[*].security_group_id) : try(local.given_network.security_group_id, null)
    subnets = local.makes_network ? one(values(module.private_network)[*].subnets) : [
      for subnet in data.aws_subnet.given : { id = subnet.id, zone = subnet.availability_zone }
    ]
  }

  # null outside a network: an argument of each function.
  function_network = local.private_network ? {
    subnet_ids        = local.network.subnets[*].id
    security_group_id = local.network.security_group_id
  } : null

  # One for each subnet: Glue takes the next where a zone has no room.
  connection_names = [
    for place in range(local.private_network ? (local.makes_network ? 2 : length(local.given_network.subnet_ids)) : 0) :
    "${local.prefix}_network_${place}${local.suffix}"
  ]
}

module "private_network" {
  source   = "./modules/private_network"
  for_each = local.makes_network ? { this = "${local.prefix}_network${local.suffix}" } : {}

  name               = each.value
  interface_services = local.interface_services

  depends_on = [terraform_data.guard]
}

data "aws_subnet" "given" {
  for_each = local.private_network && !local.makes_network ? toset(local.given_network.subnet_ids) : toset([])

  id = each.value
}

resource "aws_glue_connection" "network" {
  count = length(local.connection_names)

  name            = local.connection_names[count.index]
  description     = "Where the jobs of ${terraform.workspace} run"
  connection_type = "NETWORK"

  physical_connection_requirements {
    availability_zone      = local.network.subnets[count.index].zone
    security_group_id_list = [local.network.security_group_id]
    subnet_id              = local.network.subnets[count.index].id
  }
}
