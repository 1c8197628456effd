// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC7540Operator, IERC7540Redeem} from "../interfaces/external/IERC7540.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Redemption in two steps, request and claim: ERC-7540's asynchronous half.
/// @notice A request is quoted at once and claimed after `redemptionDelay`, at the lower of the share price at request
/// and at claim, so no lender leaves ahead of a loss that is already certain. Shares wait in the vault and remain in
/// the supply.
/// @dev One request a controller (ERC-7540's request id 0). Adding to one that still waits starts it anew, at the lower
/// of its old quote and a new one. Prices of redemption are `_redeemableAssets`, which may be below `totalAssets`.
abstract contract DelayedRedemption is ERC4626, ReentrancyGuardTransient, IERC7540Redeem {
    using SafeCast for uint256;

    struct Request {
        uint128 quotedAssets; // asset units, what the quoted shares were worth
        uint64 claimableAt; // Unix seconds
        // Shares have six digits more than assets: 128 bits are 340,282 whole tokens of 27 decimals.
        uint192 quotedShares;
        uint192 remaining; // shares not claimed yet
    }

    bytes4 private constant ERC7575_ID = 0x2f0a18c5;
    uint256 private constant REQUEST_ID = 0;

    /// @notice Seconds from request to claim: the longest life of an order.
    uint64 public immutable redemptionDelay;

    mapping(address controller => Request) private _requests;
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    event RedeemQuoted(address indexed controller, uint256 shares, uint256 assets, uint64 claimableAt);

    error RedemptionIsAsynchronous();
    error NotOperator(address controller, address caller);
    error ClaimFirst(uint256 shares);
    error ZeroShares();

    constructor(uint64 redemptionDelay_) {
        redemptionDelay = redemptionDelay_;
    }

    /// @notice Lets an operator request and claim for the caller, or no longer.
    function setOperator(address operator, bool approved) external returns (bool) {
        isOperator[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    /// @notice Requests the redemption of shares; claimable after `redemptionDelay`.
    /// @param controller The account that may claim: the owner, or an account that made the caller its operator, so
    /// that no other account can restart its wait.
    /// @param owner The holder of the shares: the caller, or an account that made the caller its operator or approved
    /// the shares to it.
    /// @return requestId Always 0: requests are told apart by controller.
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        nonReentrant
        returns (uint256 requestId)
    {
        if (shares == 0) revert ZeroShares();
        if (owner != msg.sender && !isOperator[owner][msg.sender]) _spendAllowance(owner, msg.sender, shares);
        if (controller != owner && controller != msg.sender && !isOperator[controller][msg.sender]) {
            revert NotOperator(controller, msg.sender);
        }
        _requireUnlocked();

        Request memory request = _requests[controller];
        uint256 before = _quotedLeft(request);
        if (request.remaining != 0 && block.timestamp >= request.claimableAt) revert ClaimFirst(request.remaining);
        uint256 total = request.remaining + shares;
        uint256 assets = Math.min(request.quotedAssets, redemptionValue(request.remaining)) + redemptionValue(shares);
        uint64 claimableAt = uint64(block.timestamp) + redemptionDelay;
        _requests[controller] = Request(assets.toUint128(), claimableAt, total.toUint192(), total.toUint192());
        _setRequested(before, assets);
        _transfer(owner, address(this), shares);
        emit RedeemRequest(controller, owner, REQUEST_ID, msg.sender, shares);
        emit RedeemQuoted(controller, total, assets, claimableAt);
        return REQUEST_ID;
    }

    /// @notice Claims `shares` of the controller's request; ERC-4626's shape, `controller` in place of the owner.
    /// @return assets Asset units paid to `receiver`.
    function redeem(uint256 shares, address receiver, address controller)
        public
        override
        nonReentrant
        returns (uint256 assets)
    {
        _requireUnlocked();
        uint256 max = maxRedeem(controller);
        if (shares > max) revert ERC4626ExceededMaxRedeem(controller, shares, max);
        assets = _claimValue(_requests[controller], shares);
        _claim(controller, receiver, assets, shares);
    }

    /// @notice Claims exactly `assets` of the controller's request.
    /// @return shares Shares that this takes.
    function withdraw(uint256 assets, address receiver, address controller)
        public
        override
        nonReentrant
        returns (uint256 shares)
    {
        _requireUnlocked();
        uint256 max = maxWithdraw(controller);
        if (assets > max) revert ERC4626ExceededMaxWithdraw(controller, assets, max);
        Request memory request = _requests[controller];
        // Zero of nothing takes no shares; _claim refuses it.
        shares = assets == 0
            ? 0
            : Math.mulDiv(assets, request.remaining, _claimValue(request, request.remaining), Math.Rounding.Ceil);
        _claim(controller, receiver, assets, shares);
    }

    /// @notice Shares of a controller's request that still wait.
    function pendingRedeemRequest(uint256, address controller) external view returns (uint256 shares) {
        Request memory request = _requests[controller];
        return block.timestamp < request.claimableAt ? request.remaining : 0;
    }

    /// @notice Shares of a controller's request that can be claimed, as far as the float suffices.
    function claimableRedeemRequest(uint256, address controller) external view returns (uint256 shares) {
        Request memory request = _requests[controller];
        return block.timestamp < request.claimableAt ? 0 : request.remaining;
    }

    /// @notice A controller's request: what was quoted, what remains, and when it can be claimed (Unix seconds).
    function requestOf(address controller) external view returns (Request memory) {
        return _requests[controller];
    }

    /// @notice What shares would fetch were they redeemed now, asset units, rounded down.
    function redemptionValue(uint256 shares) public view returns (uint256) {
        return Math.mulDiv(shares, _redeemableAssets() + 1, totalSupply() + 10 ** _decimalsOffset());
    }

    /// @notice Shares `controller` can claim now: none before its time, and no more than the float covers.
    function maxRedeem(address controller) public view override returns (uint256) {
        Request memory request = _requests[controller];
        if (block.timestamp < request.claimableAt) return 0;
        uint256 value = _claimValue(request, request.remaining);
        uint256 liquid = _liquidAssets();
        return value <= liquid ? request.remaining : Math.mulDiv(request.remaining, liquid, value);
    }

    /// @notice Asset units `controller` can claim now.
    function maxWithdraw(address controller) public view override returns (uint256) {
        Request memory request = _requests[controller];
        if (block.timestamp < request.claimableAt) return 0;
        return Math.min(_claimValue(request, request.remaining), _liquidAssets());
    }

    /// @notice Reverts: no preview can tell a price at a later time. See `redemptionValue`.
    function previewRedeem(uint256) public pure override returns (uint256) {
        revert RedemptionIsAsynchronous();
    }

    /// @notice Reverts: no preview can tell a price at a later time. See `redemptionValue`.
    function previewWithdraw(uint256) public pure override returns (uint256) {
        revert RedemptionIsAsynchronous();
    }

    /// @notice ERC-7575: the vault is its own share token.
    function share() external view returns (address) {
        return address(this);
    }

    /// @notice ERC-165: ERC-7540's operators and asynchronous redemption, ERC-7575.
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IERC7540Operator).interfaceId
            || id == type(IERC7540Redeem).interfaceId || id == ERC7575_ID;
    }

    function _claim(address controller, address receiver, uint256 assets, uint256 shares) private {
        if (shares == 0) revert ZeroShares();
        if (controller != msg.sender && !isOperator[controller][msg.sender]) {
            revert NotOperator(controller, msg.sender);
        }
        Request memory request = _requests[controller];
        uint256 before = _quotedLeft(request);
        request.remaining -= shares.toUint192();
        if (request.remaining == 0) delete _requests[controller];
        else _requests[controller] = request;
        _setRequested(before, _quotedLeft(request));
        _burn(address(this), shares);
        _payOut(receiver, assets);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
    }

    /// @dev The lower of the two prices, rounded down; `shares` at most what remains.
    function _claimValue(Request memory request, uint256 shares) private view returns (uint256) {
        if (shares == 0) return 0;
        uint256 quoted = Math.mulDiv(request.quotedAssets, shares, request.quotedShares);
        return Math.min(quoted, redemptionValue(shares));
    }

    /// @dev The most a request can still fetch, rounded up.
    function _quotedLeft(Request memory request) private pure returns (uint256) {
        if (request.remaining == 0) return 0;
        return Math.mulDiv(request.quotedAssets, request.remaining, request.quotedShares, Math.Rounding.Ceil);
    }

    /// @dev Reverts while the escrow is at work: shares are neither made nor redeemed inside a landing or a sale.
    function _requireUnlocked() internal virtual;

    /// @dev The assets that price redemptions, asset units.
    function _redeemableAssets() internal view virtual returns (uint256);

    /// @dev What can be paid out now, asset units.
    function _liquidAssets() internal view virtual returns (uint256);

    /// @dev Records a request's change from `before` to `afterwards` asset units wanted.
    function _setRequested(uint256 before, uint256 afterwards) internal virtual;

    /// @dev Pays a claim out of the liquid assets.
    function _payOut(address receiver, uint256 assets) internal virtual;
}
