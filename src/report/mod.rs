//! The page of a night: figures and findings as one document, and the document as HTML, JSON and Prometheus text.
//!
//! Input: figures, cases and findings as values. Output: text. Everything that the page shows stands in the document, and `report.json` is
//! the document: no number is made while it is drawn. Deliberately not here: files, the clock, measuring.
