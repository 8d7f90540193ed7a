//! The options that narrow a list: one for each filter that the catalogue gives it.

use std::marker::PhantomData;

use clap::{
    Arg, ArgMatches, Args, Command, FromArgMatches,
    builder::{PossibleValuesParser, ValueParser},
    error::Error,
};
use domain::{FilterKind, Kind, Phone, RecordId, Resource};

/// The filters of the list of `T` that were chosen: query parameters and their values.
#[derive(Clone, Debug)]
pub struct Filters<T> {
    /// In the catalogue's order.
    pub chosen: Vec<(&'static str, String)>,
    of: PhantomData<T>,
}

/// A query parameter as an option.
struct Parameter {
    name: &'static str,
    long: &'static str,
    value: &'static str,
    help: &'static str,
    parser: ValueParser,
}

impl<T: Kind> FromArgMatches for Filters<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let value = |name: &'static str| Some((name, matches.get_one::<String>(name)?.clone()));
        let chosen = parameters(T::RESOURCE).filter_map(|parameter| value(parameter.name)).collect();
        Ok(Self { chosen, of: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<T: Kind> Args for Filters<T> {
    fn augment_args(command: Command) -> Command {
        command.args(parameters(T::RESOURCE).map(|Parameter { name, long, value, help, parser }| {
            Arg::new(name).long(long).value_name(value).help(help).value_parser(parser)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn parameters(resource: &Resource) -> impl Iterator<Item = Parameter> {
    let filters = resource.filters.iter().filter_map(|filter| {
        let (value, help, parser) = match filter.kind {
            FilterKind::OneOf(words) => (
                "VALUE",
                "Only records in which it is this",
                ValueParser::new(PossibleValuesParser::new(words)),
            ),
            FilterKind::Phone => {
                ("NUMBER", "Only records of this phone number, such as +14155551234", ValueParser::new(phone))
            }
            FilterKind::Owner => return None,
        };
        Some(Parameter { name: filter.parameter, long: filter.parameter, value, help, parser })
    });
    let shown_to = resource.shown_to.map(|name| Parameter {
        name,
        long: "webhook-id",
        value: "ID",
        help: "Show the delivery_id that each has at this endpoint of webhooks",
        parser: ValueParser::new(id),
    });
    filters.chain(shown_to)
}

fn phone(text: &str) -> Result<String, String> {
    Phone::parse(text).map(|phone| phone.to_string()).map_err(|wrong| wrong.to_string())
}

fn id(text: &str) -> Result<String, String> {
    text.parse::<RecordId>().map(|id| id.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use domain::catalogue;

    use super::*;

    #[test]
    fn an_option_is_called_as_the_parameter_is_but_for_the_dashes() {
        for resource in catalogue::ALL {
            for Parameter { name, long, .. } in parameters(resource) {
                assert_eq!(long, name.replace('_', "-"));
            }
        }
    }
}
