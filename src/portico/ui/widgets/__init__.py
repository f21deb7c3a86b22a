"""Every kind of widget there is, in the order of the reference."""

from collections.abc import Mapping
from types import MappingProxyType

from portico.model.widget import WidgetType
from portico.ui.widgets import (
    button,
    button_group,
    chart,
    checkbox,
    checkbox_group,
    container,
    currency_input,
    date_picker,
    divider,
    document_viewer,
    file_picker,
    form,
    icon_button,
    iframe,
    image,
    json_form,
    menu_button,
    modal,
    module,
    multi_select,
    phone_input,
    placeholder,
    progress,
    radio_group,
    rich_text_editor,
    select,
    statbox,
    switch,
    table,
    tabs,
    text,
)
from portico.ui.widgets import input as input_
from portico.ui.widgets import list as list_
from portico.ui.widgets.node import Look

_KINDS = (
    form,
    json_form,
    input_,
    phone_input,
    currency_input,
    date_picker,
    select,
    multi_select,
    radio_group,
    checkbox,
    checkbox_group,
    switch,
    file_picker,
    rich_text_editor,
    button,
    icon_button,
    button_group,
    menu_button,
    text,
    image,
    divider,
    progress,
    container,
    statbox,
    tabs,
    modal,
    module,
    list_,
    table,
    chart,
    iframe,
    document_viewer,
    placeholder,
)

#: Types by name: what `definition` checks pages against and compiles.
CATALOGUE: Mapping[str, WidgetType] = MappingProxyType({kind.TYPE.name: kind.TYPE for kind in _KINDS})
#: How each is rendered, by the same names.
LOOKS: Mapping[str, Look] = MappingProxyType({kind.TYPE.name: kind.LOOK for kind in _KINDS})
