//! Settings that remember where each of them came from, so that errors can say it.

use std::collections::HashMap;
use toml::{Table, Value};

/// Settings, and for each the variable or the place that gave it.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    values: Table,
    origins: HashMap<String, String>,
}

impl Named {
    /// Adds all of a table, over what is there.
    pub(super) fn add(&mut self, table: Table, place: &str) {
        for (name, value) in table {
            let origin = format!("{name} {place}");
            self.set(&name, value, &origin);
        }
    }

    pub(super) fn add_missing(&mut self, name: &str, value: Value, origin: &str) {
        if !self.values.contains_key(name) {
            self.set(name, value, origin);
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value, origin: &str) {
        self.values.insert(name.to_owned(), value);
        self.origins.insert(name.to_owned(), origin.to_owned());
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

    /// Words that begin with the name of a setting, or hold it as errors of the pure half do, with
    /// the variable that it came from in its place.
    pub(super) fn blame(&self, words: &str) -> String {
        let words = words.strip_prefix("invalid field, ").unwrap_or(words);
        let name: String = words.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let origin = self.origins.get(&name).cloned();
        let origin = origin.unwrap_or_else(|| format!("OSSIGN_{}", name.to_uppercase()));
        format!("{origin}{}", &words[name.len()..])
    }
}
