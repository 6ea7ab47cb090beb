//! XML from the network, read by a parser that refuses document type definitions: no entity can be
//! defined, so none can explode.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};
use roxmltree::{Document, Node};

/// Deeper than any answer of OSS, and far from the end of the stack.
const DEEPEST: usize = 100;

/// The root element as nested tuples `(tag, text, children)`.
///
/// `tag` is `{namespace}name` where there is a namespace; `text` is what stands before the first
/// child, or None. A ValueError says why where `data` is no well-formed XML, has a DTD, or is
/// nested deeper than 100 elements.
#[pyfunction]
pub(super) fn parse_xml<'py>(data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let text = if let Ok(text) = data.cast::<PyString>() {
        text.to_str()?
    } else if let Ok(bytes) = data.cast::<PyBytes>() {
        std::str::from_utf8(bytes.as_bytes())
            .map_err(|error| PyValueError::new_err(format!("the XML is not UTF-8: {error}")))?
    } else {
        return Err(PyTypeError::new_err("XML must be bytes or str"));
    };
    let document = Document::parse(text.trim_start_matches('\u{feff}'))
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    tree(data.py(), document.root_element(), 0)
}

fn tree<'py>(py: Python<'py>, node: Node<'_, '_>, depth: usize) -> PyResult<Bound<'py, PyTuple>> {
    if depth > DEEPEST {
        return Err(PyValueError::new_err(format!("XML nested deeper than {DEEPEST} elements")));
    }
    let name = node.tag_name();
    let tag = match name.namespace() {
        Some(namespace) => format!("{{{namespace}}}{}", name.name()),
        None => name.name().to_owned(),
    };
    let text: String = node
        .children()
        .take_while(|child| !child.is_element())
        .filter_map(|child| child.is_text().then(|| child.text()).flatten())
        .collect();
    let children = node.children().filter(Node::is_element);
    let children =
        children.map(|child| tree(py, child, depth + 1)).collect::<PyResult<Vec<_>>>()?;
    let text = (!text.is_empty()).then_some(text);
    (tag, text, PyList::new(py, children)?).into_pyobject(py)
}
