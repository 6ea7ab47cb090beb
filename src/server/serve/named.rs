//! Settings that remember where each of them came from, so that errors can say it.

use std::collections::HashMap;
use toml::{Table, Value};

/// Settings, and for each the variable or the place that gave it.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    values: Table,
    origins: HashMap<String, Origin>,
}

/// What an error calls a setting: the rest of a path, such as `[0].name`, stands between the two.
#[derive(Debug, Clone)]
struct Origin {
    name: String,
    /// Empty for a variable; otherwise it begins with a space.
    place: String,
}

impl Named {
    /// Adds all of a table, over what is there.
    pub(super) fn add(&mut self, table: Table, place: &str) {
        for (name, value) in table {
            let origin = Origin { name: name.clone(), place: format!(" {place}") };
            self.origins.insert(name.clone(), origin);
            self.values.insert(name, value);
        }
    }

    pub(super) fn add_missing(&mut self, name: &str, value: Value, variable: &str) {
        if !self.values.contains_key(name) {
            self.set(name, value, variable);
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value, variable: &str) {
        let origin = Origin { name: variable.to_owned(), place: String::new() };
        self.origins.insert(name.to_owned(), origin);
        self.values.insert(name.to_owned(), value);
    }

    /// The settings of two kinds.
    ///
    /// # Errors
    /// Words that name a setting that is of neither.
    pub(super) fn split(&self, one: &[&str], other: &[&str]) -> Result<(Self, Self), String> {
        let (mut first, mut second) = (self.clone(), self.clone());
        first.values.retain(|name, _| one.contains(&name));
        second.values.retain(|name, _| !one.contains(&name));
        if let Some(name) = second.values.keys().find(|name| !other.contains(&name.as_str())) {
            let known = [one, other].concat().join(", ");
            let words = format!("{name}: there is no such setting; there are {known}");
            return Err(self.blame(&words));
        }
        Ok((first, second))
    }

    /// The settings as what they are read into, whose errors begin with the setting's name.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(Value) -> Result<T, String>,
    ) -> Result<T, String> {
        read(Value::Table(self.values.clone())).map_err(|words| self.blame(&words))
    }

    /// Words that begin with the path of a setting, or hold it as errors of the pure half do, with
    /// the variable or the place that it came from.
    pub(super) fn blame(&self, words: &str) -> String {
        let words = words.strip_prefix("invalid field, ").unwrap_or(words);
        let (path, words) = words.split_at(words.find(": ").unwrap_or(words.len()));
        let (name, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
        match self.origins.get(name) {
            Some(origin) => format!("{}{rest}{}{words}", origin.name, origin.place),
            None => format!("OSSIGN_{}{rest}{words}", name.to_uppercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_setting_stands_before_its_file_and_behind_its_variable() {
        let mut named = Named::default();
        named.add("api_keys = []\nport = 1".parse().unwrap(), "in /etc/x.toml");
        named.set("port", Value::Integer(2), "OSSIGN_PORT");
        for (words, expected) in [
            ("api_keys[0].key: unknown", "api_keys[0].key in /etc/x.toml: unknown"),
            (
                "invalid field, api_keys.name: 'a: b' bad.",
                "api_keys.name in /etc/x.toml: 'a: b' bad.",
            ),
            ("port: bad", "OSSIGN_PORT: bad"),
            ("callback.url: bad", "OSSIGN_CALLBACK.url: bad"),
        ] {
            assert_eq!(named.blame(words), expected);
        }
    }
}
