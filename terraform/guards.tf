# Preconditions, because a `check` only warns: these stop the plan before anything is changed.
resource "terraform_data" "guard" {
  input = terraform.workspace

  lifecycle {
    precondition {
      condition     = contains(keys(local.workspaces), terraform.workspace)
      error_message = "Workspace \"${terraform.workspace}\" is not one of ${join(", ", keys(local.workspaces))}. Choose one: terraform workspace select dev"
    }

    precondition {
      condition     = !local.workspace.alert_email_is_required || local.alert_email != null
      error_message = "Workspace \"${terraform.workspace}\" needs an address for its alerts: export TF_VAR_alert_email=quality@hospital.example"
    }

    # The boundary of the bootstrap admits no other secret.
    precondition {
      condition     = startswith(coalesce(local.slack_secret_name, "metriccare"), "metriccare")
      error_message = "The Slack secret is named \"${coalesce(local.slack_secret_name, "-")}\"; the functions may read only secrets whose name begins with metriccare. Rename it, such as metriccare/slack."
    }

    precondition {
      condition     = fileexists(local.lambda_package) && fileexists(local.wheel_bundle)
      error_message = "The packages are not built: ${local.lambda_package} or ${local.wheel_bundle} is missing. Run: make package"
    }

    precondition {
      condition     = local.given_data_key_arn == null || split(":", coalesce(local.given_data_key_arn, "::::"))[3] == local.region
      error_message = "The key ${coalesce(local.given_data_key_arn, "-")} is not in ${local.region}, where the buckets are. Give a key of that region, or a replica of it there."
    }

    precondition {
      condition     = local.raw_replica_region != local.region
      error_message = "raw_replica_region is ${local.region}, where the uploads are: name another region, or none."
    }

    precondition {
      condition     = local.given_network == null || local.private_network
      error_message = "A network is given, but private_network is not true: set both or neither."
    }

    precondition {
      condition     = !local.makes_network || local.slack_secret_name == null
      error_message = "The network that private_network makes has no way to Slack. Give a network that has one (given_network), or leave out slack_secret_name."
    }

    precondition {
      condition     = !local.small_runs || fileexists(local.small_package)
      error_message = "The package for small runs is not built: ${local.small_package} is missing. Run: make package"
    }

    precondition {
      condition     = !local.serving || (fileexists(local.serving_package) && fileexists("${local.page_folder}/index.html"))
      error_message = "What serves is not built: ${local.serving_package} or ${local.page_folder}/index.html is missing. Run: make package"
    }

    # In a network without a way out the functions could not fetch the issuer's keys.
    precondition {
      condition     = !local.serving || !local.private_network
      error_message = "serving and private_network exclude each other: the functions that serve ask the issuer of sign-ins, which is on the internet."
    }

    precondition {
      condition     = startswith(coalesce(try(local.serving_issuer.client_secret, null), "metriccare"), "metriccare")
      error_message = "serving_issuer.client_secret names a secret that the functions may not read; its name must begin with metriccare, such as metriccare/sign-in."
    }

    precondition {
      condition     = local.settings_file == null || fileexists(coalesce(local.settings_file, "-"))
      error_message = "The settings file ${coalesce(local.settings_file, "-")} does not exist. Correct the path in TF_VAR_settings_file."
    }

    precondition {
      condition     = local.measures_folder == null || length(local.settings_files) > 1
      error_message = "measures_folder needs a settings_file whose [measures] names its files, and .json or .csv files in ${coalesce(local.measures_folder, "-")}."
    }
  }
}
