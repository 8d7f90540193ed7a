//! `template.yaml` with its intrinsic functions (`!Ref`, `!Sub`, …) resolved, as a stack with default
//! parameters would have it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use saphyr::{LoadableYamlNode as _, ScalarOwned, YamlOwned};
use serde_json::{Map, Value, json};

/// The names that resources and conditions are resolved by.
struct Scope {
    /// Parameters and pseudo parameters.
    values: BTreeMap<String, Value>,
    conditions: Map<String, Value>,
    mappings: Value,
    resources: BTreeSet<String>,
}

/// Reads a template and resolves it for a stack of this name. What only a deployment knows (a
/// resource's `Ref` or attribute) becomes the resource's own name.
///
/// # Errors
/// When it is no YAML, or uses a function that is not known here.
pub fn resolved(text: &str, stack_name: &str) -> Result<Value> {
    resolved_with(text, stack_name, &[])
}

/// Reads a template and resolves its functions as a stack has them that is given these parameters.
///
/// # Errors
/// As for [`resolved`].
pub fn resolved_with(text: &str, stack_name: &str, parameters: &[(&str, &str)]) -> Result<Value> {
    let documents = YamlOwned::load_from_str(text).context("it is no YAML")?;
    let template = to_json(documents.first().context("it is empty")?)?;
    let mut values: BTreeMap<String, Value> = [
        ("AWS::StackName", stack_name),
        ("AWS::Region", "us-east-1"),
        ("AWS::Partition", "aws"),
        ("AWS::AccountId", "000000000000"),
        ("AWS::URLSuffix", "amazonaws.com"),
    ]
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .into();
    values.insert("AWS::NoValue".to_owned(), Value::Null);
    for (name, parameter) in entries(&template["Parameters"]) {
        values.insert(name.clone(), parameter["Default"].clone());
    }
    values.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    let conditions = template["Conditions"].as_object().cloned().unwrap_or_default();
    let resources = entries(&template["Resources"]).map(|(name, _)| name.clone()).collect();
    let scope = Scope { values, conditions, mappings: template["Mappings"].clone(), resources };
    let resources = entries(&template["Resources"])
        .filter(|(_, resource)| match resource["Condition"].as_str() {
            Some(condition) => scope.condition(condition).unwrap_or(true),
            None => true,
        })
        .map(|(name, resource)| {
            let resource = scope.resolve(resource).with_context(|| format!("resource {name}"))?;
            Ok((name.clone(), resource))
        });
    Ok(
        json!({"Resources": resources.collect::<Result<Map<_, _>>>()?, "Globals": scope.resolve(&template["Globals"])?}),
    )
}

/// The members of an object; none of anything else.
pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Names and properties of the resources of a type.
pub(super) fn of_type<'a>(
    resources: &'a Value,
    kind: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    entries(resources)
        .filter(move |(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name, &resource["Properties"]))
}

/// A value as text: a string without its quotes.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// YAML as JSON, a function's short form as its long one.
fn to_json(node: &YamlOwned) -> Result<Value> {
    Ok(match node {
        YamlOwned::Value(ScalarOwned::Null) => Value::Null,
        YamlOwned::Value(ScalarOwned::Boolean(value)) => json!(value),
        YamlOwned::Value(ScalarOwned::Integer(value)) => json!(value),
        YamlOwned::Value(ScalarOwned::FloatingPoint(value)) => json!(value.into_inner()),
        YamlOwned::Value(ScalarOwned::String(value)) => json!(value),
        YamlOwned::Sequence(items) => items.iter().map(to_json).collect::<Result<_>>()?,
        YamlOwned::Mapping(members) => {
            let mut own = Map::new();
            let mut merged = Map::new();
            for (name, value) in members {
                match (name.as_str().context("a name is no string")?, to_json(value)?) {
                    ("<<", Value::Object(members)) => merged.extend(members),
                    (name, value) => drop(own.insert(name.to_owned(), value)),
                }
            }
            merged.extend(own);
            Value::Object(merged)
        }
        YamlOwned::Tagged(tag, value) => {
            let name = match tag.suffix.as_str() {
                "Ref" | "Condition" => tag.suffix.clone(),
                function => format!("Fn::{function}"),
            };
            json!({name: to_json(value)?})
        }
        other => bail!("there is a node that JSON does not have: {other:?}"),
    })
}

impl Scope {
    fn resolve(&self, value: &Value) -> Result<Value> {
        match value {
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            Value::Object(members) => match members.iter().next() {
                Some((name, argument)) if members.len() == 1 && is_function(name) => {
                    self.call(name, argument)
                }
                _ => members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.resolve(value)?)))
                    .collect::<Result<Map<_, _>>>()
                    .map(Value::Object),
            },
            plain => Ok(plain.clone()),
        }
    }

    fn call(&self, function: &str, argument: &Value) -> Result<Value> {
        let text = argument.as_str();
        Ok(match (function, text) {
            ("Ref", Some(name)) => match self.values.get(name) {
                Some(value) => value.clone(),
                None if self.resources.contains(name.split('.').next().unwrap_or_default()) => json!(name),
                None => bail!("there is no parameter and no resource {name}"),
            },
            ("Fn::GetAtt", Some(name)) => json!(name),
            ("Fn::Sub", Some(text)) => json!(self.substitute(text)),
            ("Fn::Sub", None) => {
                let variables = self.resolve(&argument[1])?;
                let named = variables.as_object().into_iter().flatten();
                let text =
                    named.fold(argument[0].as_str().unwrap_or_default().to_owned(), |text, (name, value)| {
                        text.replace(&format!("${{{name}}}"), value.as_str().unwrap_or_default())
                    });
                json!(self.substitute(&text))
            }
            ("Condition", Some(name)) => json!(self.condition(name)?),
            ("Fn::If", None) => {
                let holds = self.condition(argument[0].as_str().unwrap_or_default())?;
                self.resolve(&argument[if holds { 1 } else { 2 }])?
            }
            ("Fn::Equals", None) => json!(self.resolve(&argument[0])? == self.resolve(&argument[1])?),
            ("Fn::Not", None) => json!(self.resolve(&argument[0])? != json!(true)),
            ("Fn::And", None) => json!(self.resolved_list(argument)?.iter().all(|item| *item == json!(true))),
            ("Fn::Or", None) => json!(self.resolved_list(argument)?.contains(&json!(true))),
            ("Fn::FindInMap", None) => {
                let keys = self.resolved_list(argument)?;
                let names = keys.iter().map(|key| key.as_str().unwrap_or_default());
                let found = names.fold(&self.mappings, |value, name| &value[name]);
                ensure!(!found.is_null(), "there is nothing in Mappings under {argument}");
                found.clone()
            }
            _ => bail!("the local gateway does not know {function} with {argument}"),
        })
    }

    fn resolved_list(&self, list: &Value) -> Result<Vec<Value>> {
        list.as_array().into_iter().flatten().map(|item| self.resolve(item)).collect()
    }

    fn condition(&self, name: &str) -> Result<bool> {
        let condition = self.conditions.get(name).with_context(|| format!("there is no condition {name}"))?;
        Ok(self.resolve(condition)? == json!(true))
    }

    /// `${Name}` becomes a parameter's value; `${Resource.Attribute}` its own text.
    fn substitute(&self, text: &str) -> String {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            done.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            match self.values.get(name) {
                Some(Value::String(value)) => done.push_str(value),
                Some(value) => done.push_str(&value.to_string()),
                None => done.push_str(name),
            }
            rest = after;
        }
        done + rest
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name == "Condition" || name.starts_with("Fn::")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "
Parameters:
  Stage: { Type: String, Default: dev }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !And [!Not [!Condition IsProd], !Equals [a, a]]
  IsEither: !Or [!Condition IsProd, !Condition IsDev]
Mappings:
  Sizes: { dev: { Rate: 5 }, prod: { Rate: 50 } }
Resources:
  A: { Type: X, Name: !Sub '${AWS::StackName}-${Stage}-${B.Arn}', Rate: !If [IsProd, 50, 2], Self: !Ref B }
  B: { Type: Y, Condition: IsProd }
  C: { Type: Z, Condition: IsDev, Arn: !GetAtt A.Arn, None: !Ref AWS::NoValue }
  D: { Type: Z, Condition: IsEither, Rate: !FindInMap [Sizes, !Ref Stage, Rate] }
";

    #[test]
    fn functions_are_resolved_as_a_stack_with_default_parameters_has_them() {
        let template = resolved(TEMPLATE, "Shop").expect("a template");
        let expected = json!({
            "A": {"Type": "X", "Name": "Shop-dev-B.Arn", "Rate": 2, "Self": "B"},
            "C": {"Type": "Z", "Condition": "IsDev", "Arn": "A.Arn", "None": null},
            "D": {"Type": "Z", "Condition": "IsEither", "Rate": 5},
        });
        assert_eq!(template["Resources"], expected);
        let prod = resolved_with(TEMPLATE, "Shop", &[("Stage", "prod")]).expect("a template");
        let all = &prod["Resources"];
        assert_eq!((&all["A"]["Rate"], &all["D"]["Rate"], &all["C"]), (&json!(50), &json!(50), &Value::Null));
    }

    #[test]
    fn what_is_not_known_is_named() {
        let text = "Resources: { A: { Type: X, Name: !Select [0, [a]] } }";
        let error = format!("{:#}", resolved(text, "Shop").expect_err("unknown"));
        assert!(error.contains("resource A: the local gateway does not know Fn::Select"), "{error}");
        let text = "Resources: { A: { Type: X, Name: !Ref Stagee } }";
        let error = format!("{:#}", resolved(text, "Shop").expect_err("unknown"));
        assert!(error.contains("resource A: there is no parameter and no resource Stagee"), "{error}");
        let text = "Resources: { A: { Type: X, Name: !FindInMap [Sizes, small, Rate] } }";
        let error = format!("{:#}", resolved(text, "Shop").expect_err("unknown"));
        assert!(error.contains("resource A: there is nothing in Mappings under"), "{error}");
        assert!(resolved("a: [", "Shop").is_err() && resolved("", "Shop").is_err());
    }
}
