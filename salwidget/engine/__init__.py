"""The traced model: what maps, dreams and evidence are computed on. It knows no method, no picture and no widget."""
