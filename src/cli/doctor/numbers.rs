//! Prometheus' text format, as far as a node of ours writes it.

pub struct Numbers(Vec<Number>);

struct Number {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

impl Numbers {
    /// Lines that are not understood are left out.
    pub fn read(text: &str) -> Self {
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(number).collect())
    }

    fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Number> {
        self.0.iter().filter(move |number| number.name == name)
    }

    /// Over all labels; nothing where there is none.
    pub fn sum(&self, name: &str) -> f64 {
        self.of(name).map(|number| number.value).sum()
    }

    pub fn sum_known(&self, name: &str) -> Option<f64> {
        self.of(name).next()?;
        Some(self.sum(name))
    }

    pub fn with(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |number: &Number, (label, value): &(&str, &str)| {
            number.labels.iter().any(|(name, said)| name == label && said == value)
        };
        self.of(name).filter(|number| labels.iter().all(|label| has(number, label))).map(|number| number.value).sum()
    }

    pub fn label(&self, name: &str, label: &str) -> Option<String> {
        let number = self.of(name).next()?;
        number.labels.iter().find(|(name, _)| name == label).map(|(_, value)| value.clone())
    }

    /// The bound of the bucket that holds this quantile; `None`: nothing was recorded. Infinity is above the last bound.
    pub fn quantile(&self, name: &str, quantile: f64) -> Option<f64> {
        let buckets = format!("{name}_bucket");
        let bound = |number: &Number| {
            let (_, text) = number.labels.iter().find(|(label, _)| label == "le")?;
            if text == "+Inf" { Some(f64::INFINITY) } else { text.parse().ok() }
        };
        let mut counts: Vec<(f64, f64)> = self.of(&buckets).filter_map(|n| Some((bound(n)?, n.value))).collect();
        counts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all = counts.last()?.1;
        counts.into_iter().find(|(_, count)| all > 0.0 && *count >= all * quantile).map(|(bound, _)| bound)
    }
}

fn number(line: &str) -> Option<Number> {
    let (whole, value) = line.rsplit_once(' ')?;
    let (name, labels) = whole.split_once('{').unwrap_or((whole, ""));
    Some(Number {
        name: name.to_owned(),
        labels: labels.trim_end_matches('}').split(',').filter_map(label).collect(),
        value: value.parse().ok()?,
    })
}

/// No label of ours has a comma or a quote in its value that doctor asks for.
fn label(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name.to_owned(), value.trim_matches('"').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn a_quantile_is_the_bound_of_its_bucket() {
        let text = "# HELP a b\na_bucket{le=\"1\"} 90\na_bucket{le=\"2\"} 98\na_bucket{le=\"+Inf\"} 100\nb{x=\"y\",z=\"w\"} 4\n\nrubbish";
        let told = Numbers::read(text);
        assert_eq!(told.quantile("a", 0.9), Some(1.0));
        assert_eq!(told.quantile("a", 0.98), Some(2.0));
        assert_eq!(told.quantile("a", 0.99), Some(f64::INFINITY));
        assert_eq!(told.quantile("b", 0.99), None);
        assert_eq!((told.with("b", &[("z", "w")]), told.with("b", &[("z", "v")])), (4.0, 0.0));
        assert_eq!(told.label("b", "x").as_deref(), Some("y"));
    }
}
