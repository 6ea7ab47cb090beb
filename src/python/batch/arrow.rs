//! Columns that are Arrow arrays: read where they are, without copying.

use super::texts::Texts;
use crate::batch::Column;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, LargeStringArray, StringArray, StringViewArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, FieldRef};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyArrayReader};

/// Arrays of one type that follow each other.
pub(super) struct Chunks {
    chunks: Vec<Chunk>,
    /// The row that each begins with, and at the end the number of rows.
    starts: Vec<usize>,
}

enum Chunk {
    Small(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
    Dictionary { keys: Vec<u32>, nulls: Option<NullBuffer>, values: Box<Chunk> },
    Texts(Texts),
    Nulls(usize),
}

/// The arrays that an object offers by `__arrow_c_array__` or `__arrow_c_stream__`.
///
/// # Errors
/// What the object raises, and `ValueError` for an array that breaks Arrow's rules.
pub(super) fn import(object: &Bound<'_, PyAny>) -> PyResult<Option<(FieldRef, Vec<ArrayRef>)>> {
    let py = object.py();
    if object.hasattr(intern!(py, "__arrow_c_array__"))? {
        let (array, field) = object.extract::<PyArray>()?.into_inner();
        return Ok(Some((field, vec![array])));
    }
    if !object.hasattr(intern!(py, "__arrow_c_stream__"))? {
        return Ok(None);
    }
    let reader = object.extract::<PyArrayReader>()?.into_reader()?;
    let field = reader.field();
    let arrays = reader.collect::<Result<Vec<_>, _>>();
    arrays
        .map(|arrays| Some((field, arrays)))
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

impl Chunks {
    /// The texts of arrays of `data_type`; none where its values have no text.
    pub(super) fn of(data_type: &DataType, arrays: &[ArrayRef]) -> Option<Self> {
        has_text(data_type).then_some(())?;
        let chunks = arrays.iter().map(Chunk::of).collect::<Option<Vec<_>>>()?;
        let mut starts = vec![0];
        starts.extend(chunks.iter().scan(0, |end, chunk| {
            *end += chunk.len();
            Some(*end)
        }));
        Some(Self { chunks, starts })
    }

    /// The chunk that a row is in, and its row there.
    fn place(&self, row: usize) -> (usize, usize) {
        let chunk = self.starts.partition_point(|start| *start <= row) - 1;
        (chunk, row - self.starts[chunk])
    }
}

impl Column for Chunks {
    fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or_default()
    }

    fn get(&self, row: usize) -> Option<&str> {
        let (chunk, row) = self.place(row);
        self.chunks[chunk].get(row)
    }

    fn read<'c>(&'c self, first: usize, mut texts: &mut [Option<&'c str>]) {
        if texts.is_empty() {
            return;
        }
        let (mut chunk, mut row) = self.place(first);
        while !texts.is_empty() {
            let here = texts.len().min(self.chunks[chunk].len() - row);
            let (now, later) = texts.split_at_mut(here);
            self.chunks[chunk].read(row, now);
            (texts, chunk, row) = (later, chunk + 1, 0);
        }
    }
}

/// Whether [`Chunk::of`] knows the type.
fn has_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => has_text(values),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Null | DataType::Boolean => true,
        other => other.is_integer(),
    }
}

impl Chunk {
    fn of(array: &ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => Self::Small(array.as_string().clone()),
            DataType::LargeUtf8 => Self::Large(array.as_string().clone()),
            DataType::Utf8View => Self::View(array.as_string_view().clone()),
            DataType::Dictionary(..) => Self::dictionary(array)?,
            DataType::Null => Self::Nulls(array.len()),
            DataType::Boolean => Self::Texts(flags(array.as_boolean())),
            DataType::Int8 => Self::Texts(numbers::<Int8Type>(array)),
            DataType::Int16 => Self::Texts(numbers::<Int16Type>(array)),
            DataType::Int32 => Self::Texts(numbers::<Int32Type>(array)),
            DataType::Int64 => Self::Texts(numbers::<Int64Type>(array)),
            DataType::UInt8 => Self::Texts(numbers::<UInt8Type>(array)),
            DataType::UInt16 => Self::Texts(numbers::<UInt16Type>(array)),
            DataType::UInt32 => Self::Texts(numbers::<UInt32Type>(array)),
            DataType::UInt64 => Self::Texts(numbers::<UInt64Type>(array)),
            _ => return None,
        })
    }

    fn dictionary(array: &ArrayRef) -> Option<Self> {
        let dictionary = array.as_any_dictionary();
        let values = Self::of(dictionary.values())?;
        if values.len() == 0 {
            return Some(Self::Nulls(array.len()));
        }
        let keys = dictionary.normalized_keys().into_iter();
        let keys = keys.map(u32::try_from).collect::<Result<_, _>>().ok()?;
        Some(Self::Dictionary { keys, nulls: array.nulls().cloned(), values: Box::new(values) })
    }
}

impl Column for Chunk {
    fn len(&self) -> usize {
        match self {
            Self::Small(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
            Self::Dictionary { keys, .. } => keys.len(),
            Self::Texts(texts) => texts.len(),
            Self::Nulls(rows) => *rows,
        }
    }

    fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Small(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Dictionary { keys, nulls, values } => {
                let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
                valid.then(|| values.get(keys[row] as usize)).flatten()
            }
            Self::Texts(texts) => texts.get(row),
            Self::Nulls(_) => None,
        }
    }
}

/// Numbers in decimal, as the text of an int.
fn numbers<T: ArrowPrimitiveType<Native: itoa::Integer>>(array: &ArrayRef) -> Texts {
    let mut texts = Texts::with_room(array.len());
    let mut digits = itoa::Buffer::new();
    for number in array.as_primitive::<T>() {
        texts.push(number.map(|number| digits.format(number)));
    }
    texts
}

fn flags(array: &BooleanArray) -> Texts {
    let mut texts = Texts::with_room(array.len());
    for flag in array {
        texts.push(flag.map(|flag| if flag { "true" } else { "false" }));
    }
    texts
}
