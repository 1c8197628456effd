// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBackstopVault} from "./interfaces/IBackstopVault.sol";
import {IEscrowLock} from "./interfaces/IEscrowLock.sol";
import {DelayedRedemption} from "./vault/DelayedRedemption.sol";
import {VaultAccounts} from "./vault/VaultAccounts.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Lenders' float for one debt token: fronts the repay of remote orders, so that the lender is solvent at once.
/// @notice Deposits follow ERC-4626 with virtual shares. Redemptions follow ERC-7540: they are requested, then claimed
/// after the longest life of an order, at the lower of two prices. Assets are counted and never read from a balance, so
/// a donation changes nothing. Deposits price expired lots at their principal, redemptions at their marks
/// (`VaultAccounts`), so neither a deposit into a marked-down vault nor an exit ahead of a loss takes anything from
/// other lenders. No administrator can take money out; a restricted call can only impair or write down money on a
/// bridge, free a market's cap of past losses, and set reimbursements.
contract BackstopVault is DelayedRedemption, VaultAccounts, AccessManaged {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @notice The escrow that borrows; set once.
    address public escrow;

    event EscrowSet(address indexed escrow);
    event Fronted(bytes32 indexed market, uint256 repay, uint256 keeperFee);
    event GivenBack(bytes32 indexed market, uint256 amount);
    event BroughtHome(uint32 indexed payDomain, address indexed from, uint256 amount);
    event ReserveFunded(address indexed from, uint256 amount);
    event ReimbursementClaimed(address indexed keeper, address to, uint256 amount);

    error OnlyEscrow();
    error EscrowAlreadySet();
    error EscrowLocked();
    error ZeroAddress();
    error ZeroAmount();
    error InsufficientIdle(uint256 idle, uint256 needed);
    error PrincipalCapExceeded(uint256 cap, uint256 wouldBe);
    error UnexpectedAmount(uint256 received, uint256 expected);

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert OnlyEscrow();
        // During a deposit or redemption the vault's own lock is held: the escrow must not enter, as the vault must not
        // enter the escrow.
        if (_reentrancyGuardEntered()) revert ReentrancyGuardReentrantCall();
        _;
    }

    /// @param redemptionDelay_ Seconds from request to claim: at least the longest life of an order under any market's
    /// rules, from landing to the end of its home sale's fall.
    constructor(IERC20 asset_, string memory name_, string memory symbol_, address authority, uint64 redemptionDelay_)
        ERC4626(asset_)
        ERC20(name_, symbol_)
        AccessManaged(authority)
        DelayedRedemption(redemptionDelay_)
    {}

    // ---- administration ----

    /// @notice Names the escrow that may borrow. Restricted, once.
    function setEscrow(address escrow_) external restricted {
        if (escrow_ == address(0)) revert ZeroAddress();
        if (escrow != address(0)) revert EscrowAlreadySet();
        escrow = escrow_;
        emit EscrowSet(escrow_);
    }

    /// @notice Sets the part of a settled order's fee that goes to the order's reporter. Restricted.
    /// @dev Paid per settled order and never for gas claimed, so no keeper can raise it by a message or an expense. The
    /// reporter is the one keeper that the home side knows; the amount covers its report, the verdict and the bridge
    /// together.
    /// @param perOrder Asset units; an order's own fee caps it.
    function setReimbursement(uint32 payDomain, uint128 perOrder) external restricted {
        _setReimbursement(payDomain, perOrder);
    }

    /// @notice Gives a market back the part of its cap that recorded losses consume. Restricted, and delayed by the
    /// access manager: the losses themselves stay recorded.
    function restoreCap(bytes32 market, uint256 amount) external restricted {
        _restoreCap(market, amount);
    }

    /// @notice Sets how much of the money away on a domain is impaired. Impaired money counts for nothing in
    /// redemptions until it arrives, is written off, or is no longer impaired. Moves no money. Restricted.
    /// @dev The guardian's, without delay: a write-off waits longer than a redemption, and a lender that left meanwhile
    /// would leave the loss to the others.
    /// @param amount Asset units, replacing the amount impaired before; the vault caps it at what is away.
    function impair(uint32 payDomain, uint256 amount) external restricted {
        _impair(payDomain, amount);
    }

    /// @notice Gives up money that a route's bridge lost: out of the reserve first, then as a recorded loss of
    /// `market`. Restricted. Money that arrives after its write-off fills the reserve.
    /// @param amount Asset units; the vault gives up at most what is away.
    function writeOff(bytes32 market, uint32 payDomain, uint256 amount) external restricted {
        _writeOff(market, payDomain, amount);
    }

    // ---- the escrow's ----

    /// @inheritdoc IBackstopVault
    function front(bytes32 market, uint256 cap, address adapter, uint256 repay, address lander, uint256 keeperFee)
        external
        onlyEscrow
    {
        uint256 principal = repay + keeperFee;
        uint256 available = lendable();
        if (available < principal) revert InsufficientIdle(available, principal);
        uint256 exposed = _lend(market, principal);
        if (exposed > cap) revert PrincipalCapExceeded(cap, exposed);
        IERC20 token = IERC20(asset());
        token.safeTransfer(adapter, repay);
        if (keeperFee != 0) token.safeTransfer(lander, keeperFee);
        emit Fronted(market, repay, keeperFee);
    }

    /// @inheritdoc IBackstopVault
    function giveBack(bytes32 market, uint256 amount) external onlyEscrow {
        _unlend(market, amount);
        emit GivenBack(market, amount);
    }

    /// @inheritdoc IBackstopVault
    function settle(bytes32 market, uint256 principal, uint256 fees, uint32 payDomain, Reward calldata reward)
        external
        onlyEscrow
    {
        _settle(market, principal, fees, payDomain, reward);
    }

    /// @inheritdoc IBackstopVault
    function openLot(bytes32 market, bytes32 orderId, uint256 principal, uint256 floor, uint64 restUntil)
        external
        onlyEscrow
    {
        _openLot(market, orderId, principal, floor, restUntil);
    }

    /// @inheritdoc IBackstopVault
    function settleLot(bytes32 market, bytes32 orderId, uint256 fee, uint32 payDomain, Reward calldata reward)
        external
        onlyEscrow
    {
        _settleLot(market, orderId, fee, payDomain, reward);
    }

    /// @inheritdoc IBackstopVault
    function sellLot(bytes32 market, bytes32 orderId, uint256 proceeds)
        external
        onlyEscrow
        returns (uint256 shortfall)
    {
        return _sellLot(market, orderId, proceeds);
    }

    /// @inheritdoc IBackstopVault
    function absorbForfeit(bytes32 market, bytes32 orderId, uint256 amount) external onlyEscrow {
        _absorbForfeit(market, orderId, amount);
    }

    // ---- anyone's ----

    /// @notice Brings money that is away back to the float. Any account may deliver, at most the amount awaited. A
    /// route's receiver calls this with the money that its bridge delivered.
    function bringHome(uint32 payDomain, uint256 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        _requireUnlocked();
        _arrive(payDomain, amount);
        _pullExactly(msg.sender, amount);
        emit BroughtHome(payDomain, msg.sender, amount);
    }

    /// @notice Adds to the reserve, which absorbs shortfalls before depositors do. The reserve has no other exit.
    function fundReserve(uint256 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        _requireUnlocked();
        _fillReserve(amount);
        _pullExactly(msg.sender, amount);
        emit ReserveFunded(msg.sender, amount);
    }

    /// @notice Pays the caller's reimbursements to any address.
    function claimReimbursement(address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert ZeroAddress();
        _requireUnlocked();
        amount = _collectReimbursement(msg.sender);
        if (amount == 0) revert ZeroAmount();
        _payOut(to, amount);
        emit ReimbursementClaimed(msg.sender, to, amount);
    }

    /// @notice What `front` may still take: idle, less what requested redemptions wait for.
    function lendable() public view returns (uint256) {
        return Math.saturatingSub(_idle, _requested);
    }

    /// @notice The assets that price deposits: idle, lent, away, unsold lots at their principal and open claims in
    /// full, less reimbursements owed; asset units.
    function totalAssets() public view override returns (uint256) {
        return Math.saturatingSub(uint256(_idle) + _receivables + _totalAway + _lots + _claims, _owed);
    }

    function asset() public view override(ERC4626, IBackstopVault) returns (address) {
        return super.asset();
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        if (assets == 0) revert ZeroAmount();
        _requireUnlocked();
        _idle += assets.toUint128();
        _pullExactly(caller, assets);
        _mint(receiver, shares);
        emit Deposit(caller, receiver, assets, shares);
    }

    /// @dev Six more digits on shares: a first-depositor attack costs a million times what it steals.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }

    function _requireUnlocked() internal view override {
        if (escrow != address(0) && IEscrowLock(escrow).locked()) revert EscrowLocked();
    }

    /// @dev Counts unsold lots at their marks, and neither open claims on bonds nor impaired money.
    function _redeemableAssets() internal view override returns (uint256) {
        return Math.saturatingSub(uint256(_idle) + _receivables + _totalAway - _totalImpaired + lotMarks(), _owed);
    }

    function _liquidAssets() internal view override returns (uint256) {
        return _idle;
    }

    function _setRequested(uint256 before, uint256 afterwards) internal override {
        _requested = (_requested - before + afterwards).toUint128();
    }

    function _payOut(address receiver, uint256 assets) internal override {
        if (_idle < assets) revert InsufficientIdle(_idle, assets);
        _idle -= assets.toUint128();
        IERC20(asset()).safeTransfer(receiver, assets);
    }

    function _pullExactly(address from, uint256 amount) private {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert UnexpectedAmount(received, amount);
    }
}
