"""Which of our widgets each of Appsmith's becomes: one entry a type.

An entry is used if Portico has the type. Properties of the same name come over by themselves; `renamed` are
those that are called otherwise here, `unused` those that mean nothing here and are worth no word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Inside = Literal["nothing", "canvas", "tabs", "rows"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A type of Appsmith's. `to` is ours, `otherwise` one that there is while `to` is not. `inside`: how its
    children stand in it."""

    of: str
    to: str
    otherwise: str = ""
    inside: Inside = "nothing"
    renamed: Mapping[str, str] = field(default_factory=dict)
    unused: frozenset[str] = frozenset()
    set: Mapping[str, object] = field(default_factory=dict)


_KEPT = """
widgetName type widgetId parentId key version renderMode isLoading leftColumn rightColumn topRow
bottomRow originalTopRow originalBottomRow mobileLeftColumn mobileRightColumn mobileTopRow
mobileBottomRow parentColumnSpace parentRowSpace detachFromLayout dynamicBindingPathList
dynamicTriggerPathList dynamicPropertyPathList dynamicHeight minDynamicHeight maxDynamicHeight
responsiveBehavior minWidth maxWidth minHeight flexVerticalAlignment needsErrorInfo childStylesheet
hideCard displayName iconSVG thumbnailSVG searchTags tags isDeprecated replacement isCanvas
needsHeightForContent enhancements canExtend snapRows snapColumns hasMetaWidgets
requiresFlatWidgetChildren additionalStaticProps currentItemsView selectedItemView triggeredItemView
blueprint isDefaultClickDisabled dropDisabled noPad openParentPropertyPane useAutoLayout positioning
flexLayers layoutSystemType columns rows meta isMetaWidget referencedWidgetId prefixMetaWidgetId
isJSConvertible children privateWidgets dragDisabled isDeletable disallowCopy shouldHideInPane
isMobile description features widgetSize level logBlackList migrated dynamicThemePathList
appPositioning spaceDistributionRatio alignment parentAutoLayoutSize layout isResizeDisabled
bindingPaths template cachedTableData columnUpdatedAt columnWidthMap primaryColumns columnOrder
derivedColumns customIsLoading customIsLoadingValue sticky canFreezeColumn isSortedByFilters
endOfData infiniteScrollEnabled accentColor fontFamily truncateButtonColor menuColor labelWidth
labelAlignment labelStyle labelTextColor labelTextSize boxShadowColor useSourceData mainCanvasId
mainContainerId templateHeight gridType itemSpacing gridGap itemBackgroundColor defaultSelectedItem
currentIndex tabsObj tabs containerStyle shouldTruncate imageShape isFilterable serverSideFiltering
recaptchaV2 googleRecaptchaKeyV2 isPreview displayType onCanvasUI topRowBeforeCollapse
bottomRowBeforeCollapse defaultColor selectedItems widgetBlueprint canvasUI
"""
#: What Appsmith keeps for its editor, its layout and its theme, in any widget.
KEPT_BY_APPSMITH = frozenset(_KEPT.split())

_LABELLED = {"labelText": "label"}
_OPTIONS = {**_LABELLED, "options": "sourceData"}

_ENTRIES = (
    Entry(
        of="TEXT_WIDGET",
        to="Text",
        unused=frozenset({"backgroundColor", "borderColor", "borderWidth", "borderRadius"}),
    ),
    Entry(of="BUTTON_WIDGET", to="Button"),
    Entry(of="FORM_BUTTON_WIDGET", to="Button"),
    Entry(of="ICON_BUTTON_WIDGET", to="IconButton"),
    Entry(of="INPUT_WIDGET_V2", to="Input", renamed=_LABELLED),
    Entry(of="INPUT_WIDGET", to="Input", renamed=_LABELLED),
    Entry(of="CHECKBOX_WIDGET", to="Checkbox"),
    Entry(of="SELECT_WIDGET", to="Select", renamed=_OPTIONS),
    Entry(of="DROP_DOWN_WIDGET", to="Select", renamed=_OPTIONS),
    Entry(of="CONTAINER_WIDGET", to="Container", inside="canvas"),
    Entry(of="FORM_WIDGET", to="Form", inside="canvas"),
    Entry(of="MODAL_WIDGET", to="Modal", inside="canvas", unused=frozenset({"height", "size", "isVisible"})),
    Entry(of="TABS_WIDGET", to="Tabs", inside="tabs"),
    Entry(of="IMAGE_WIDGET", to="Image"),
    Entry(of="DIVIDER_WIDGET", to="Divider", unused=frozenset({"capType", "capSide"})),
    Entry(
        of="TABLE_WIDGET_V2",
        to="Table",
        renamed={"defaultPageSize": "pageSize", "primaryColumnId": "primaryKey"},
    ),
    Entry(
        of="TABLE_WIDGET",
        to="Table",
        renamed={"defaultPageSize": "pageSize", "primaryColumnId": "primaryKey"},
    ),
    Entry(
        of="LIST_WIDGET_V2",
        to="List",
        inside="rows",
        renamed={"pageSize": "rowsPerPage"},
        unused=frozenset({"primaryKeys"}),
    ),
    Entry(
        of="LIST_WIDGET",
        to="List",
        inside="rows",
        renamed={"items": "listData", "onListItemClick": "onItemClick"},
    ),
    Entry(of="STATBOX_WIDGET", to="Statbox", otherwise="Container", inside="canvas"),
    Entry(of="SWITCH_WIDGET", to="Switch"),
    Entry(of="RADIO_GROUP_WIDGET", to="RadioGroup", renamed=_LABELLED),
    Entry(of="CHECKBOX_GROUP_WIDGET", to="CheckboxGroup", renamed=_LABELLED),
    Entry(of="SWITCH_GROUP_WIDGET", to="SwitchGroup", renamed=_LABELLED),
    Entry(of="MULTI_SELECT_WIDGET_V2", to="MultiSelect", renamed=_OPTIONS),
    Entry(of="MULTI_SELECT_WIDGET", to="MultiSelect", renamed=_OPTIONS),
    Entry(of="DATE_PICKER_WIDGET2", to="DatePicker", renamed=_LABELLED),
    Entry(of="DATE_PICKER_WIDGET", to="DatePicker", renamed=_LABELLED),
    Entry(of="PHONE_INPUT_WIDGET", to="PhoneInput", renamed=_LABELLED),
    Entry(of="CURRENCY_INPUT_WIDGET", to="CurrencyInput", renamed=_LABELLED),
    Entry(of="BUTTON_GROUP_WIDGET", to="ButtonGroup"),
    Entry(of="MENU_BUTTON_WIDGET", to="MenuButton", unused=frozenset({"menuItemsSource"})),
    Entry(of="PROGRESS_WIDGET", to="Progress"),
    Entry(of="PROGRESSBAR_WIDGET", to="Progress"),
    Entry(of="CIRCULAR_PROGRESS_WIDGET", to="Progress"),
    Entry(of="CHART_WIDGET", to="Chart"),
    Entry(of="IFRAME_WIDGET", to="Iframe"),
    Entry(of="RICH_TEXT_EDITOR_WIDGET", to="RichTextEditor", renamed=_LABELLED),
    Entry(of="DOCUMENT_VIEWER_WIDGET", to="DocumentViewer"),
    Entry(of="FILE_PICKER_WIDGET_V2", to="FilePicker", unused=frozenset({"files"})),
    Entry(of="FILE_PICKER_WIDGET", to="FilePicker", unused=frozenset({"files"})),
    Entry(
        of="JSON_FORM_WIDGET",
        to="JSONForm",
        renamed={"scrollContents": "shouldScrollContents"},
        unused=frozenset(
            {"schema", "submitButtonStyles", "resetButtonStyles", "autoGenerateForm", "fixedFooter"}
            | {"fieldLimitExceeded", "formData", "fieldState", "maxAllowedFields"}
        ),
    ),
    Entry(of="CUSTOM_WIDGET", to="Custom"),
)

#: The entries by Appsmith's type.
TABLE: Mapping[str, Entry] = MappingProxyType({entry.of: entry for entry in _ENTRIES})

#: The type that stands for one there is none for; it keeps name and properties.
PLACEHOLDER = "Placeholder"
CANVAS = "CANVAS_WIDGET"


def not_meant(properties: Mapping[str, Any]) -> frozenset[str]:
    """Properties of a widget that say nothing because another one says so."""
    found: set[str] = set()
    match properties.get("menuItemsSource"):
        case "DYNAMIC" | "dynamic":
            found.add("menuItems")
        case str():
            found |= {"configureMenuItems", "sourceData"}
    if properties.get("dynamicHeight") == "AUTO_HEIGHT":
        # It is as high as what stands in it.
        found |= {"shouldScrollContents", "scrollContents"}
    return frozenset(found)
