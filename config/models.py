"""The shape and the defaults of every configuration file.

The model is the only home of defaults. Unknown keys are errors, so a typing
slip is found on loading and named. Every key explains itself; a test sees to it.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator

Kind = Literal["project", "publication", "news", "call", "tender", "patent"]
NO_LICENCE = "none stated"  # what a document carries whose source says nothing
Confidence = Literal["verified", "partly_verified", "recalled", "ours"]

Share = Annotated[float, Field(ge=0, le=1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Model(BaseModel):
    """Closed and immutable: a misspelt key is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- sources -----------------------------------------------------------------


class Expectation(Model):
    """What a healthy crawl of one source yields over its window."""

    min_items: int = Field(default=1, ge=0, description="fewer items than this fails the source")
    max_items: int = Field(default=5000, ge=1, description="more items than this raises a warning")


class Source(Model):
    """One site, feed or API we listen to: `config/sources/<name>.yml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="the file's stem")
    title: str = Field(min_length=3, description="as shown to readers of the report")
    summary: str = Field(min_length=50, description="why this source is worth our attention")
    kind: Kind = Field(description="kind of the documents it yields")
    url: HttpUrl = Field(description="the page a person would open")
    spider: str = Field(default="feed", description="module in crawlers/spiders that reads it")
    endpoint: HttpUrl | None = Field(
        default=None, description="address the spider reads: the feed, or the API's base"
    )
    queries: tuple[str, ...] = Field(
        default=(), description="search expressions or categories, in the source's own grammar"
    )
    language: str = Field(default="en", pattern=r"^[a-z]{2}$", description="ISO 639-1 code")
    country: str = Field(default="EU", pattern=r"^[A-Z]{2}$", description="ISO 3166-1 code, or EU")
    sectors: tuple[Code, ...] = Field(
        default=(), description="industrial ecosystems it mostly covers; empty means all"
    )
    crawl: Literal["daily", "weekly", "paused"] = Field(
        default="daily", description="how often it is read"
    )
    paused_because: str = Field(default="", description="why it is paused; needed when it is")
    history_days: int = Field(
        default=30, ge=1, le=3660, description="days read when it is read for the first time"
    )
    overlap_days: int = Field(
        default=7, ge=0, le=90, description="days read again before the last good window"
    )
    delay: float = Field(default=1.0, ge=0, description="seconds between requests to its host")
    max_requests: int = Field(
        default=500, ge=1, description="requests per crawl, so that no list goes on for ever"
    )
    full_text: bool = Field(
        default=False, description="fetch linked pages; otherwise title, teaser and link only"
    )
    selectors: dict[str, str] = Field(
        default_factory=dict,
        description="CSS selectors of a listing page: item, title, link, date, teaser, next",
    )
    licence: str = Field(default=NO_LICENCE, description="licence of its texts")
    key_env: str = Field(
        default="", description="environment variable that holds its key, when it needs one"
    )
    obey_robots: bool = Field(
        default=True, description="off only for APIs with documented terms of their own"
    )
    confidence: Confidence = Field(
        default="recalled", description="how sure we are that the address works"
    )
    expect: Expectation = Field(
        default_factory=Expectation, description="what a healthy crawl yields"
    )

    @model_validator(mode="after")
    def _paused_says_why(self) -> "Source":
        if (self.crawl == "paused") != bool(self.paused_because):
            raise ValueError("paused_because: give a reason exactly when crawl is paused")
        return self


# --- regions and clusters ----------------------------------------------------


class Reference(Model):
    """Where a statement comes from."""

    title: str = Field(description="title of the page or paper")
    publisher: str = Field(default="", description="who published it")
    url: HttpUrl | None = Field(default=None, description="address")
    date: str = Field(default="", description="its date as far as known, empty when not stated")
    evidence: Literal["official_page_read", "secondary_source", "from_memory"] = Field(
        description="how the statement was read"
    )


class Priority(Model):
    """One S3 priority area of one region."""

    id: str = Field(
        pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}-[A-Z0-9]+$", description="region and code, DED-P1"
    )
    title: str = Field(description="title in the language of the strategy")
    title_en: str = Field(description="English title")
    title_en_status: Literal["official", "ours"] = Field(description="whose translation it is")
    description: str = Field(min_length=30, description="what it covers, in our own words")
    sub_areas: tuple[str, ...] = Field(default=(), description="narrower areas named within it")
    sub_areas_note: str = Field(default="", description="where the sub-areas come from")
    keywords: tuple[str, ...] = Field(min_length=3, description="our search terms for it")
    ecosystems: tuple[Code, ...] = Field(
        default=(), description="industrial ecosystems, our mapping"
    )
    nace: tuple[str, ...] = Field(default=(), description="NACE Rev. 2 divisions, our mapping")
    technologies: tuple[str, ...] = Field(
        default=(), description="technology fields (ATI or KET ids), our mapping"
    )
    territory: str = Field(default="", description="part of the region it applies to; empty: all")
    status: Literal["confirmed", "to_be_confirmed"] = Field(
        description="whether an official text with this title was read"
    )
    content_status: Literal["official", "partial", "title_only"] = Field(
        description="how far the sub-areas are official"
    )
    source: Reference = Field(description="where the priority comes from")
    further_sources: tuple[str, ...] = Field(default=(), description="more addresses")
    note: str = Field(default="", description="what is open about the priority")


class Strategy(Model):
    """The smart-specialisation strategy a region's priorities come from."""

    title: str = Field(description="title in its own language")
    title_en: str = Field(default="", description="English title")
    period: str = Field(default="", description="programming period")
    adopted: str = Field(default="", description="adoption date as far as known")
    body: str = Field(default="", description="responsible body")
    url: HttpUrl | None = Field(default=None, description="official address")
    status: Literal["confirmed", "to_be_confirmed"] = Field(
        description="whether the official strategy text was found"
    )
    note: str = Field(default="", description="what is open")


class Region(Model):
    """A region and its S3 priorities: `config/regions/<nuts>.yml`."""

    nuts: str = Field(
        pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}$", description="NUTS 2024 code, the file's stem"
    )
    name: str = Field(description="English name")
    name_local: str = Field(default="", description="own name")
    country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 code")
    members: tuple[str, ...] = Field(
        min_length=1, description="NUTS code prefixes that belong to the region"
    )
    language: str = Field(pattern=r"^[a-z]{2}$", description="language of the strategy")
    strategy: Strategy = Field(description="the strategy and its state")
    challenges: tuple[str, ...] = Field(default=(), description="transition challenges")
    priorities: tuple[Priority, ...] = Field(min_length=1, description="S3 priority areas")


class Cluster(Model):
    """A cluster organisation that reads the report: `config/clusters/<name>.yml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="the file's stem")
    title: str = Field(description="name of the organisation")
    region: str = Field(description="NUTS code of a shipped or own region")
    sectors: tuple[Code, ...] = Field(default=(), description="industrial ecosystems it serves")
    technologies: tuple[str, ...] = Field(default=(), description="technology ids it follows")
    members: tuple[str, ...] = Field(default=(), description="names of member organisations")
    watch: tuple[str, ...] = Field(default=(), description="terms it always wants to see")


# --- taxonomies --------------------------------------------------------------


class TechnologyField(Model):
    """A group of technologies in an official or own list (KET, ATI, STEP)."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="stable id, e.g. ati-photonics")
    scheme: Literal["ket", "ati", "step", "ours"] = Field(description="the list it belongs to")
    label: str = Field(description="name for readers")
    description: str = Field(default="", description="what it covers, in our own words")
    confidence: Confidence = Field(description="how sure we are of the list")
    note: str = Field(default="", description="what is open")


class Technology(Model):
    """One concept of `config/taxonomies/technologies.csv`."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$", description="stable id")
    label: str = Field(min_length=2, description="preferred English name, singular")
    fields: tuple[str, ...] = Field(min_length=1, description="ids of the technology fields")
    aliases: tuple[str, ...] = Field(default=(), description="other names and spellings")
    short_forms: tuple[str, ...] = Field(
        default=(), description="ambiguous short forms, accepted only beside a context word"
    )
    context: tuple[str, ...] = Field(
        default=(), description="words that support a short form in the same text"
    )


class Sector(Model):
    """An economic activity with the words that indicate it."""

    code: str = Field(description="stable code")
    scheme: Literal["ecosystem", "nace", "emerging_industry"] = Field(description="its list")
    label: str = Field(description="name for readers")
    description: str = Field(default="", description="what it covers, in our own words")
    terms: tuple[str, ...] = Field(default=(), description="indicator terms")
    nace: tuple[str, ...] = Field(default=(), description="NACE Rev. 2 divisions, indicative")
    confidence: Confidence = Field(description="how sure we are of the list")
    note: str = Field(default="", description="what is open")


class Challenge(Model):
    """A societal challenge or a step of the value chain."""

    code: Code = Field(description="stable code")
    label: str = Field(description="name for readers")
    terms: tuple[str, ...] = Field(min_length=3, description="indicator terms")


class DivisionChange(Model):
    """A NACE Rev. 2.1 division and the Rev. 2 divisions it continues."""

    code: str = Field(pattern=r"^\d\d$", description="Rev. 2.1 division")
    label: str = Field(description="its name")
    rev2: tuple[str, ...] = Field(min_length=1, description="Rev. 2 divisions, our mapping")


# --- settings ----------------------------------------------------------------


class Stream(Model):
    """How one kind of evidence is counted over time (docs/method.md, section 1)."""

    kinds: tuple[Kind, ...] = Field(description="document kinds counted together")
    bin_weeks: int = Field(ge=1, description="length of a time bin in weeks")
    recent_bins: int = Field(ge=1, description="bins of the recent window")
    base_bins: int = Field(ge=2, description="bins of the base window before it")


def default_streams() -> dict[str, Stream]:
    """Publications year against year, since what lasts a year goes on growing more often.

    News is quicker, and projects are so few that they are counted by four weeks.
    """
    return {
        "publications": Stream(
            kinds=("publication", "patent"), bin_weeks=1, recent_bins=52, base_bins=52
        ),
        "news": Stream(kinds=("news",), bin_weeks=1, recent_bins=13, base_bins=52),
        "projects": Stream(kinds=("project",), bin_weeks=4, recent_bins=6, base_bins=20),
    }


class Gates(Model):
    """What a theme must pass before it is flagged."""

    min_documents: int = Field(default=7, ge=3, description="independent documents in the window")
    min_active_bins: int = Field(default=3, ge=1, description="recent bins with a document")
    min_organisations: int = Field(default=3, ge=1, description="independent organisations")
    min_places: int = Field(default=2, ge=1, description="countries or source domains")
    max_base_share: Share = Field(
        default=0.15, description="share of the stream in the base window"
    )
    min_ratio: float = Field(default=1.3, gt=0, description="growth against the corpus")
    min_ratio_low: float = Field(default=0.9, gt=0, description="lower 90 % bound of the growth")
    min_lasting_ratio: float = Field(
        default=1.1, gt=0, description="growth that must remain without the busiest four weeks"
    )
    min_left: Share = Field(
        default=0.33, description="share of the recent documents outside the busiest four weeks"
    )
    field_themes: int = Field(
        default=10, ge=0, description="nearest themes that lend a theme strength; 0 for none"
    )
    field_weight: float = Field(
        default=1.0, ge=0, description="weight of those themes' test beside the theme's own"
    )
    rising_weight: float = Field(
        default=0.9, ge=0, lt=1, description="error budget of the themes with most rising words"
    )
    q: Share = Field(default=0.05, description="false discovery rate (Benjamini-Hochberg)")
    watch_q: Share = Field(default=0.30, description="q up to which a theme is watched")
    enter_weeks: int = Field(default=2, ge=1, description="passing weeks out of three to enter")


class ThemeSettings(Model):
    """How themes are found and kept."""

    window_weeks: int = Field(default=104, ge=8, description="weeks of documents a fit looks at")
    min_cluster_size: int = Field(default=10, ge=3, description="smallest theme")
    documents_per_theme: int = Field(
        default=50, ge=5, description="average size of the themes of a large corpus"
    )
    join_likeness: float = Field(
        default=0.8, gt=0, description="likeness across two groups, over that within, to join them"
    )
    axes: int = Field(default=50, ge=2, description="principal components the themes lie in")
    seed_weeks: int = Field(
        default=13, ge=1, description="weeks of unassigned documents that are searched for themes"
    )
    seed_likeness: Share = Field(
        default=0.45, description="mean cosine within a group of unassigned documents to be a theme"
    )
    new_theme_cosine: Share = Field(
        default=0.85, description="centroid cosine to a known theme above which none is new"
    )
    refit_share: Share = Field(
        default=0.35, description="share of the window without a theme that calls for a new fit"
    )
    refit_pause_weeks: int = Field(
        default=4, ge=1, description="weeks between two fits outside the quarterly ones"
    )
    max_documents: int = Field(
        default=40000, ge=100, description="documents of a fit; beyond it a seeded sample"
    )
    identity_cosine: Share = Field(default=0.70, description="centroid cosine to keep an identity")
    assign_quantile: Share = Field(
        default=0.10, description="members' similarity quantile that admits a new document"
    )
    seed: int = Field(default=42, description="seed of every random step")


class LabelSettings(Model):
    """Who may name new themes besides ourselves: nobody, unless an address is given."""

    endpoint: HttpUrl | None = Field(
        default=None,
        description="base address of an OpenAI-compatible service that names new themes, such as "
        "http://localhost:11434/v1; key words and titles go there. Empty: our own names",
    )
    model: str = Field(default="", description="the service's model; needed with an endpoint")
    key_env: str = Field(
        default="", description="environment variable that holds the service's key, if it has one"
    )

    @model_validator(mode="after")
    def _service_has_a_model(self) -> "LabelSettings":
        if self.endpoint is not None and not self.model:
            raise ValueError("model: name the model that the endpoint is to use")
        return self


class EmbeddingSettings(Model):
    """Which model turns a text into a vector."""

    model: str = Field(
        default="packaged", description="packaged, a folder, or an installed model's name"
    )
    languages: tuple[str, ...] = Field(default=("en",), description="languages the model knows")
    backend: Literal["auto", "torch", "openvino"] = Field(
        default="auto", description="auto takes OpenVINO when the extra [fast] is installed"
    )
    batch_size: int = Field(default=8, ge=1, description="texts per batch")
    max_tokens: int = Field(default=256, ge=16, description="tokens read of each text")


class ReportSettings(Model):
    """What the weekly report shows."""

    max_cards: int = Field(default=5, ge=0, description="theme cards per report")
    max_watch: int = Field(default=10, ge=0, description="lines of the watch list")
    links: int = Field(default=3, ge=1, description="dated links per card")


class Settings(Model):
    """`config/settings.yml`: windows, thresholds, seeds and model names."""

    streams: dict[str, Stream] = Field(
        default_factory=default_streams, description="streams of evidence by name"
    )
    gates: Gates = Field(default_factory=Gates, description="what a flag must pass")
    themes: ThemeSettings = Field(default_factory=ThemeSettings, description="theme finding")
    labels: LabelSettings = Field(
        default_factory=LabelSettings, description="names of new themes by a service; off"
    )
    embedding: EmbeddingSettings = Field(
        default_factory=EmbeddingSettings, description="text vectors"
    )
    spacy_model: str = Field(
        default="packaged", description="packaged, or an installed spaCy model's name or folder"
    )
    workers: Literal["local", "ray"] = Field(
        default="local",
        description="ray spreads enrich and embed over the cluster at RAY_ADDRESS, or over the "
        "cores of this machine; extra [ray]",
    )
    processes: int = Field(
        default=0, ge=0, le=64, description="processes that share enrich; 0 is one a core"
    )
    report: ReportSettings = Field(default_factory=ReportSettings, description="the report")
    contact: str = Field(default="", description="address in our user agent; needed to go live")
    earliest: date = Field(
        default=date(1990, 1, 1), description="documents before this day are refused"
    )

    @model_validator(mode="after")
    def _windows_fit(self) -> "Settings":
        """Themes hold what a fit looks at: before that a stream would count nothing of them."""
        for name, stream in self.streams.items():
            weeks = stream.bin_weeks * (stream.recent_bins + stream.base_bins)
            if weeks > self.themes.window_weeks:
                raise ValueError(
                    f"streams.{name}: its windows are {weeks} weeks long,"
                    f" longer than themes.window_weeks ({self.themes.window_weeks})"
                )
        return self

    @property
    def stream_numbers(self) -> dict[str, int]:
        """The place among the streams of each kind of document that one of them counts."""
        return {
            kind: number
            for number, stream in enumerate(self.streams.values())
            for kind in stream.kinds
        }
