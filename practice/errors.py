"""The errors owned services answer with: one table of codes, each with its HTTP status and where AWS documents it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """How AWS answers with this code."""

    status: int
    source: str


_COMMON = "docs.aws.amazon.com/awssupport/latest/user/Common-Errors.html"
_SAGEMAKER = "docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html"
_RUNTIME = "docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"
_QUOTAS = "docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_RequestServiceQuotaIncrease.html"
_SCHEDULER = "docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html"
_TRAIL = "docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"
_TAGGING = "docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html"
_EC2 = "docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html"
_EC2_CODES = "docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html"
_COSTS = "docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html"
_LOGS = "docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"

CODES: dict[str, ErrorCode] = {
    "AccessDeniedException": ErrorCode(403, _COMMON),
    "ConflictException": ErrorCode(409, _SCHEDULER),
    "DataAlreadyAcceptedException": ErrorCode(400, _LOGS),
    "DataUnavailableException": ErrorCode(400, _COSTS),
    "DependencyAccessDeniedException": ErrorCode(400, _QUOTAS),
    "IllegalArgumentException": ErrorCode(400, _QUOTAS),
    "InsufficientInstanceCapacity": ErrorCode(500, _EC2_CODES),
    "InternalFailure": ErrorCode(500, _COMMON),
    "InvalidClientTokenId": ErrorCode(403, _COMMON),
    "InvalidLookupAttributesException": ErrorCode(400, _TRAIL),
    "InvalidNextTokenException": ErrorCode(400, _TRAIL),
    "DryRunOperation": ErrorCode(412, _EC2_CODES),
    "InvalidLaunchTemplateId.NotFound": ErrorCode(400, _EC2_CODES),
    "InvalidLaunchTemplateId.VersionNotFound": ErrorCode(400, _EC2_CODES),
    "InvalidLaunchTemplateName.NotFoundException": ErrorCode(400, _EC2_CODES),
    "InvalidReservedInstancesId": ErrorCode(400, _EC2_CODES),
    "InvalidReservedInstancesOfferingId": ErrorCode(400, _EC2_CODES),
    "InvalidParameterValue": ErrorCode(400, _EC2_CODES),
    "InvalidPaginationTokenException": ErrorCode(400, _QUOTAS),
    "InvalidParameterException": ErrorCode(400, _LOGS),
    "InvalidSignatureException": ErrorCode(400, _COMMON),
    "InvalidTimeRangeException": ErrorCode(400, _TRAIL),
    "LimitExceededException": ErrorCode(400, _LOGS),
    "MaxSpotInstanceCountExceeded": ErrorCode(400, _EC2_CODES),
    "ModelError": ErrorCode(424, _RUNTIME),
    "ModelNotReadyException": ErrorCode(429, _RUNTIME),
    "NoSuchResourceException": ErrorCode(400, _QUOTAS),
    "NotImplemented": ErrorCode(501, "ours: an operation that this account does not have yet"),
    "PaginationTokenExpiredException": ErrorCode(400, _TAGGING),
    "QuotaExceededException": ErrorCode(400, _QUOTAS),
    "RequestChangedException": ErrorCode(400, _COSTS),
    "RequestLimitExceeded": ErrorCode(503, _EC2),
    "ReservedInstancesLimitExceeded": ErrorCode(400, _EC2_CODES),
    "ResourceAlreadyExistsException": ErrorCode(400, _LOGS),
    "ResourceInUse": ErrorCode(400, _SAGEMAKER),
    "ResourceLimitExceeded": ErrorCode(400, _SAGEMAKER),
    "ResourceNotFound": ErrorCode(400, _SAGEMAKER),
    "ResourceNotFoundException": ErrorCode(404, _SCHEDULER),
    "SerializationException": ErrorCode(400, _COMMON),
    "ServiceQuotaExceededException": ErrorCode(402, _SCHEDULER),
    "ServiceUnavailable": ErrorCode(503, _RUNTIME),
    "SignatureDoesNotMatch": ErrorCode(403, _COMMON),
    "ThrottledException": ErrorCode(400, _TAGGING),
    "ThrottlingException": ErrorCode(400, _COMMON),
    "TooManyRequestsException": ErrorCode(400, _QUOTAS),
    "UnknownOperationException": ErrorCode(404, _COMMON),
    "ValidationError": ErrorCode(400, _RUNTIME),
    "ValidationException": ErrorCode(400, _COMMON),
    "VcpuLimitExceeded": ErrorCode(400, _EC2_CODES),
}


class ServiceError(Exception):
    """An AWS error reply. `code` must be in CODES; `status` overrides the table where a service differs from it."""

    def __init__(
        self, code: str, message: str, *, status: int | None = None, members: dict[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = CODES[code].status if status is None else status
        self.members = members or {}


def validation_error(message: str) -> ServiceError:
    """What SageMaker answers to a request that a rule of its own forbids."""
    return ServiceError("ValidationException", message)


def not_implemented(service: str, operation: str) -> ServiceError:
    """The clean 501 for an operation of an owned service that this account does not have."""
    return ServiceError("NotImplemented", f"The practice account does not implement {service}:{operation}.")
